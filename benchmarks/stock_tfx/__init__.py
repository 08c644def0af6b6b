"""TFX wired as its own mnist example is, around the network of this project."""
