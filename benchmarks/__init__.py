"""What production costs: this pipeline against a plain script and stock TFX, side by side."""
