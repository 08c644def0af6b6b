"""Nodes of a run, launched in their order or at once, and the files that they read and write."""
