"""The format `tfrecord`."""
