"""Programs that say what they are told to, in place of interpreters and of uv."""

from __future__ import annotations

from pathlib import Path


def program(path: Path, script: str) -> Path:
    """An executable shell script at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def interpreter(path: Path, says: str) -> Path:
    """What set-up takes for a Python: it answers the probe with `says`."""
    return program(path, f"echo {says}")
