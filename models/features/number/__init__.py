"""The feature kind `number`."""
