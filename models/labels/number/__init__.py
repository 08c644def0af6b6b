"""The label kind `number`."""
