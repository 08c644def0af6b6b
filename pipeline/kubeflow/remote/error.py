"""What a server elsewhere refuses, or why it cannot be reached."""

from __future__ import annotations


class RemoteError(RuntimeError):
    """One sentence for the user."""

    def __init__(self, sentence: str, *, status: int | None = None, passing: bool = False):
        super().__init__(sentence)
        self.status = status
        """Of HTTP; None where there was no answer."""
        self.passing = passing
        """Whether the same request may well be answered in a moment."""
