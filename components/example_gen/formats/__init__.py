"""Formats of data: one folder each, which lists files and reads ranges of their rows."""
