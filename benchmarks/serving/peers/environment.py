"""The environment of the peers: a Python of their own, made from a hashed lock."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
LOCK = REPOSITORY / "locks" / "peers.lock"
FOLDER = REPOSITORY / ".cache" / "peers"
_STAMP = "lock.sha256"


class PeersError(RuntimeError):
    """The environment of the peers cannot be made."""


def peers_python() -> Path:
    """The interpreter of the peers, after installing what the lock names; kept between runs.

    Raises:
      PeersError: uv is missing, or a package cannot be installed.
    """
    python = FOLDER / "bin" / "python"
    stamp = FOLDER / _STAMP
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    shutil.rmtree(FOLDER, ignore_errors=True)
    _uv("venv", "--quiet", "--python", sys.executable, str(FOLDER))
    _uv("pip", "install", "--quiet", "--require-hashes", "--python", str(python), "-r", str(LOCK))
    stamp.write_text(wanted)
    return python


def _uv(*arguments: str) -> None:
    uv = shutil.which("uv") or str(REPOSITORY / ".boot" / "bin" / "uv")
    try:
        finished = subprocess.run([uv, *arguments], capture_output=True, text=True, check=False)
    except OSError as error:
        raise PeersError(f"Cannot run uv ({error.strerror}); run `make setup`.") from error
    if finished.returncode:
        raise PeersError(f"Cannot install mlserver and litserve: {finished.stderr.strip()[-500:]}")
