"""Readers of the kinds of stores that ML Metadata writes."""
