"""The commands of `python -m models.hub`: each module has main, from arguments to an exit code."""
