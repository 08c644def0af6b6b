"""The peers: model servers from PyPI, in an environment of their own."""
