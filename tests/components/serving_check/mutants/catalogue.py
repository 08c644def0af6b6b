"""All mutants: importing a file of makers registers what is in it."""

from __future__ import annotations

from tests.components.serving_check.mutants import (
    additions,
    batches,
    camera_files,
    elsewhere,
    examples,
    files,
    hardly,
    hidden,
    interfaces,
    memories,
    outputs,
    pictures,
    pixels,
    races,
    rare_files,
    right,
    right_otherwise,
    seldom,
    tricks,
    weights,
)
from tests.components.serving_check.mutants.registry import MUTANTS

__all__ = ["MUTANTS"]

_KINDS = (
    additions,
    batches,
    camera_files,
    elsewhere,
    examples,
    files,
    hardly,
    hidden,
    interfaces,
    memories,
    outputs,
    pictures,
    pixels,
    races,
    rare_files,
    right,
    right_otherwise,
    seldom,
    tricks,
    weights,
)
