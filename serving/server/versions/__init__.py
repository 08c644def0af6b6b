"""Which versions of which models are there, and which of them answers."""
