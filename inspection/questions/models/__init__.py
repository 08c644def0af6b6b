"""Questions about models: what they were made from, what was measured, how they compare."""
