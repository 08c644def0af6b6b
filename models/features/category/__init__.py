"""The feature kind `category`."""
