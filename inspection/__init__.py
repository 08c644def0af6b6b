"""Answers questions about any ML Metadata store; reads, never writes."""
