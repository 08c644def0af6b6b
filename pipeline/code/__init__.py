"""The code behind nodes: its digest, what a function of it reaches, and packages for workers."""
