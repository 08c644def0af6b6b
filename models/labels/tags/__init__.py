"""The label kind `tags`."""
