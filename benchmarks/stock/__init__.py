"""TFX as its own MNIST example wires it, around the network of this project."""
