"""The embedded model server against its targets, and against the model servers of PyPI."""
