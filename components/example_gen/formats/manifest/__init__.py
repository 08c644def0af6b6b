"""The format `manifest`."""
