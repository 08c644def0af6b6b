"""What user models, variants, modules and the search for settings are worth, and what they cost."""
