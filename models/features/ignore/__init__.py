"""The feature kind `ignore`."""
