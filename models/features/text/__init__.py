"""The feature kind `text`."""
