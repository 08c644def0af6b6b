"""Smaller forms of a model, each held against it before it is published."""
