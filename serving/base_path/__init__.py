"""The base path: its versions, who may change them, and what is written of each change."""
