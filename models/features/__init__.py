"""Kinds of features: what a column holds, and what becomes of it."""
