"""What touches the base path or a model server; starts without TensorFlow where it can."""
