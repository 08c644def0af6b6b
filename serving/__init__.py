"""Base paths and model servers: publishing versions, serving them, asking them."""
