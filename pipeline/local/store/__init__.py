"""The ML Metadata store of a run: connected, cleaned of what killed runs left, and recorded in."""
