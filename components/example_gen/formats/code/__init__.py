"""The format `code`: whatever a function of the user's reads."""
