"""What `gc --dry-run` says of a store."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

from inspection.__main__ import main


def collected(root: Path) -> dict[str, Any]:
    """The answer for scripts."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main(["gc", "--dry-run", "--json", "--store", str(root)]) == 0
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def offered(root: Path) -> set[int]:
    """The ids of the artifacts that it offers."""
    return {each["artifact"] for each in collected(root)["deletable"]}
