"""What can be deleted, and what is needed, by what is served or at work."""
