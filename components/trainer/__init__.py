"""The standard Trainer, whose model carries what it was made from."""
