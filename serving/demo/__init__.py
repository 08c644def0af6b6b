"""A web page over a model server: draw, upload or pick an image, and see what the model says."""
