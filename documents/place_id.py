"""Which place it is, wherever it is mounted and whatever it is called: a file in it says so."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from documents.regular_file import regular_file
from documents.writer import replace

_LONGEST = 64


def place_id(path: Path) -> str:
    """What the file says, which is made with its folder where there is none.

    With another one nothing is taken from the cache; that is all that a damaged one costs.

    Raises:
      OSError: it cannot be read or made.
    """
    with contextlib.suppress(FileNotFoundError), regular_file(path) as file:
        found = file.read(_LONGEST).decode("ascii", "replace")
        if found.isalnum():
            return found
    identity = secrets.token_hex(8)
    os.makedirs(path.parent, exist_ok=True)
    replace(str(path), identity.encode())
    return identity


def one_place(path: Path) -> str:
    """The same, and what a copy of the folder has not: it is where nobody else is.

    Raises:
      OSError: as `place_id`.
    """
    return f"{place_id(path)} {path.stat().st_ino}"
