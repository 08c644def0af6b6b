"""`python local_runner.py tune`: a search for settings."""
