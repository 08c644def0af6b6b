"""Messages of TensorFlow Serving's API, to and from what is asked of a model."""
