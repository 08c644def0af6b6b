"""What can be wrong with a store, in one sentence."""

from __future__ import annotations


class StoreError(OSError):
    """A store cannot be read; the message says why and what to do."""
