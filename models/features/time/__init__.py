"""The feature kind `time`."""
