"""What a check says of one place of a compiled file."""

from __future__ import annotations

from typing import NamedTuple

AGAIN = "compile the file again with `python kubeflow_runner.py compile`"


class Said(NamedTuple):
    """One fault at one place; equal faults at several places make one finding."""

    where: str
    """Subject of the sentence: a task, an executor or the path of a key."""
    what: str
    """Its end."""
    fix: str = AGAIN
    kind: str = ""
    """Places of different kinds are not told together, though the sentence is the same."""
