"""Metadata inspection on generated stores: start, questions, memory."""
