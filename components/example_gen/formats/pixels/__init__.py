"""The format of images that are rows of numbers."""
