"""The label kind `classes`."""
