"""Sections of a settings file, and what holds between them."""
