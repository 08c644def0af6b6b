"""How starting a model server fails: by itself, or by what it was given to serve."""

from __future__ import annotations


class LaunchError(RuntimeError):
    """No model server could be started, or it is gone; the installation is to blame."""


class UnavailableError(LaunchError):
    """The server started, but could not make the model available; the model is to blame."""

    again = False
    """Whether a signal from outside can bring the same about: it is the model's fault only if it
    comes again when the model is served again."""
