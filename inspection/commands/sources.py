"""What a command may ask, and what is said when it cannot."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Sequence

from inspection.files.base_path import BasePath, find_base_paths, read_base_path
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.no_answer import MistakeError, NoAnswerError
from inspection.questions.fate.standing import Standings


class QuestionError(NoAnswerError, ValueError):
    """The question cannot be answered as it was asked; the message says what would help."""


class WrongQuestionError(MistakeError, QuestionError):
    """It cannot be answered of any store."""


class Sources:
    """What a command may ask: the store, the files around it, base paths."""

    def __init__(
        self,
        history: History | None,
        workspace: Workspace,
        base_path: str | None,
        now: datetime.datetime,
    ) -> None:
        self._history = history
        self.workspace = workspace
        self._base_path = base_path
        self.now = now

    @property
    def history(self) -> History:
        assert self._history is not None  # Commands that can do without ask has_store first.
        return self._history

    @functools.cached_property
    def bases(self) -> Sequence[BasePath]:
        """The base path that was named, or all that can be found."""
        paths = (
            [self._base_path] if self._base_path else find_base_paths(self._history, self.workspace)
        )
        return [read_base_path(path) for path in paths]

    @functools.cached_property
    def standings(self) -> Standings:
        """How pushed versions stand now."""
        return Standings(self.history, self.workspace, self.bases)

    @property
    def has_store(self) -> bool:
        return self._history is not None
