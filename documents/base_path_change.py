"""What a change of a base path is going to do, written down before it begins."""

from __future__ import annotations

from typing import Annotated, ClassVar

import pydantic

from documents.document import Document
from documents.ledger_entry import LedgerEntry


def _plain(name: str) -> str:
    if "/" in name or "\0" in name or name in ("", ".", ".."):
        raise ValueError("should be a name without folders")
    return name


Name = Annotated[str, pydantic.AfterValidator(_plain)]
Move = tuple[Name, Name | None]
"""Names in the base path: an entry and its new name, or None to remove it."""


class BasePathChange(Document):
    """The journal of a change that is being made."""

    FILE: ClassVar[str] = ".change.json"
    MEND: ClassVar[str] = "delete it"

    entry: LedgerEntry
    """What the ledger will say."""
    moves: tuple[Move, ...]
