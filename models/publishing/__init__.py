"""Trained encoders as TensorFlow Hub modules: taken from a version, checked, packed and served."""
