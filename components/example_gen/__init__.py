"""ExampleGen for images in IDX files (MNIST, Fashion-MNIST and their relatives)."""
