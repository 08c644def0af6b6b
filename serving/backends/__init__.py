"""The ways to run a model server on this machine, one per module."""
