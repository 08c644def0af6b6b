"""The feature kind `image`."""
