"""Paths as a person would type them."""

from __future__ import annotations

import os
from pathlib import Path


def short_path(path: Path | str) -> str:
    """Relative to where the user stands, when that is shorter; URIs stay as they are."""
    if "://" in str(path):
        return str(path)
    try:
        return min(str(path), os.path.relpath(path), key=len)
    except FileNotFoundError:  # where the user stands was deleted
        return str(path)
