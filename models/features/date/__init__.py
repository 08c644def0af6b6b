"""The feature kind `date`."""
