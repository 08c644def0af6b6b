"""Questions about runs: which there were, and what is different about them."""
