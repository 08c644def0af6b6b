"""One line of a base path's ledger."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from documents.document import Document, Int64, Text

Action = Literal["publish", "confirm", "rollback", "withdraw", "restore", "prune"]

# The actions that touch several versions, and the key under which an entry lists them.
_LISTED = {"rollback": "withdrawn", "prune": "pruned"}


class LedgerEntry(Document):
    """A change of what a base path offers to model servers, or the confirmation of a push."""

    FILE: ClassVar[str] = ".ledger.jsonl"
    MEND: ClassVar[str] = "delete that line if it is worth nothing"

    time: str
    """UTC, ISO 8601."""
    action: Action
    version: Int64
    """The version acted on; of a rollback the one that is live since, of a prune the newest."""
    live_before: Int64 | None = None
    """None when nothing was live, and in entries of `publish` that were written before it was
    recorded."""
    live_after: Int64 | None = None
    content_digest: str | None = None
    """Of `version`, when known."""
    reason: Text | None = None
    withdrawn: tuple[Int64, ...] = ()
    """By a rollback, lowest number first."""
    pruned: tuple[Int64, ...] = ()
    """By a prune, lowest number first."""

    def as_dict(self) -> dict[str, Any]:
        """The JSON object, without the lists of other actions."""
        return {
            key: value
            for key, value in super().as_dict().items()
            if key not in _LISTED.values() or key == _LISTED.get(self.action)
        }
