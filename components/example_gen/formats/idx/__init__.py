"""IDX files as rows."""
