"""A mistake in a command line that only the command itself can see."""

from __future__ import annotations


class UsageError(ValueError):
    """The message says what to give instead; the usage goes with it."""
