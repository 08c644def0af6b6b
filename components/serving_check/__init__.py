"""Serves the candidate on a real model server and lets only a model that answers right pass."""
