"""A version in memory: its graphs, variables and texts, read and warmed up."""
