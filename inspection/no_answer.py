"""What a command answers with a sentence alone."""

from __future__ import annotations

from typing import ClassVar

from documents.terminal.console import FAILED, MISTAKE


class NoAnswerError(Exception):
    """A question that cannot be answered; the message says why, and what would help."""

    code: ClassVar[int] = FAILED
    """The exit code of a command that asks it."""


class MistakeError(NoAnswerError):
    """One that no store could answer as it is written."""

    code = MISTAKE
