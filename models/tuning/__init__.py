"""A search for settings: what is tried, in which order, on what, and what is made of it."""
