"""The data of a run before its first node: found or fetched, and held against the settings."""
