"""What a command answers with a sentence and the exit code 1."""

from __future__ import annotations


class NoAnswerError(Exception):
    """A question that cannot be answered; the message says why, and what would help."""
