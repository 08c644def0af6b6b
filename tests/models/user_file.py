"""A user's file of code, as a module of its own."""

from __future__ import annotations

import itertools
import sys
import textwrap
from pathlib import Path

from models.user_code import UserFunction

_numbers = itertools.count()


def write(folder: Path, source: str, function: str) -> UserFunction:
    """A reference to a function of the source; no two modules have one name."""
    package = f"users_{next(_numbers)}"
    (folder / package).mkdir()
    (folder / package / "mine.py").write_text(textwrap.dedent(source))
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return UserFunction(module=f"{package}.mine", function=function)
