"""What can be wrong with a store, in one sentence."""

from __future__ import annotations

from inspection.no_answer import NoAnswerError


class StoreError(NoAnswerError, OSError):
    """A store cannot be read; the message says why and what to do."""
