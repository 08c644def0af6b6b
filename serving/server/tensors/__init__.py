"""Tensors and texts as arrays and as the bytes of messages, and what both cost."""
