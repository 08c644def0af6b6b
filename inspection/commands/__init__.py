"""The commands of `python -m inspection`: from arguments to a reply, by way of one question."""
