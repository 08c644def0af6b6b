"""Hub modules that are made of weights which others published."""
