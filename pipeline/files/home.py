"""This user's home folder, and a folder in its place where there is none."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import tempfile
from pathlib import Path


def home_folder() -> Path | None:
    """This user's home folder; None where none is known, as for a uid that only a container has."""
    named = os.environ.get("HOME", "")
    if os.path.isabs(named):
        return Path(named)
    try:
        listed = pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return None
    return Path(listed) if os.path.isabs(listed) else None


def lend_home() -> None:
    """Sets HOME, where it names no folder, for this process and its children; if need be a new one.

    What TFX imports asks for one before it does anything: parso, behind IPython, fails without, and
    Beam would make a folder called `~` where the user stands. Nothing of ours is kept in the new
    one: our caches are asked for before, and say what to set.
    """
    if os.path.isabs(os.environ.get("HOME", "")):
        return
    folder = home_folder()
    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix="home-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["HOME"] = str(folder)
