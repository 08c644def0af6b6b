"""How cells are read: alike where a model learns from them and where it is asked about them."""
