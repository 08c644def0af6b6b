"""The note inside .venv that says what it was made from, written when it is complete."""

import hashlib
import json
import os
from typing import Dict, NamedTuple

from tools.lane import Lane

NAME = "setup.json"


class Stamp(NamedTuple):
    """What .venv was made from; a difference in any of these means set-up has work to do."""

    lane: str
    lock: str
    """sha256 of the lock file, in hex."""
    repository: str
    """Absolute path: the scripts in .venv and its .pth file hold it."""


def wanted(lane: Lane, repository: str) -> Stamp:
    """The stamp that a finished set-up leaves behind."""
    with open(lock_path(lane, repository), "rb") as lock:
        return Stamp(lane.name, hashlib.sha256(lock.read()).hexdigest(), repository)


def lock_path(lane: Lane, repository: str) -> str:
    return os.path.join(repository, "locks", lane.name + ".lock")


def read(venv: str) -> Dict[str, str]:
    """The stamp's fields and `python`; empty where set-up never finished."""
    try:
        with open(os.path.join(venv, NAME), encoding="utf-8") as file:
            return dict(json.load(file))
    except (OSError, ValueError, TypeError):  # missing, or not what write() wrote
        return {}


def matches(venv: str, stamp: Stamp) -> bool:
    """Whether `venv` is complete, made from the same, and its Python still exists."""
    found = read(venv)
    found.pop("python", None)
    # A symlink whose Python was uninstalled does not exist.
    return found == stamp._asdict() and os.path.exists(os.path.join(venv, "bin", "python"))


def write(venv: str, stamp: Stamp, python: str) -> None:
    """Marks `venv` complete; `python` is the interpreter it was made with."""
    path = os.path.join(venv, NAME)
    with open(path + ".part", "w", encoding="utf-8") as file:
        json.dump(dict(stamp._asdict(), python=python), file, indent=1)
    os.replace(path + ".part", path)


def remove(venv: str) -> None:
    """Marks `venv` unfinished."""
    if os.path.exists(os.path.join(venv, NAME)):
        os.remove(os.path.join(venv, NAME))
