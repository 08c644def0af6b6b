"""Artifacts in object stores that TensorFlow does not reach: executors work on local copies."""
