"""TensorFlow Hub modules: found by their handle, fetched, verified, and asked what they take."""
