"""Hub modules that are shipped with the code, and how they were made."""
