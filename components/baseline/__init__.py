"""The model that a candidate is held against: what is live in the base path, or nothing."""
