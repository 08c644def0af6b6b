"""Checks of a compiled file, before it is submitted."""
