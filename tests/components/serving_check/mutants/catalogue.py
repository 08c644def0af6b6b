"""All mutants: importing a file of makers registers what is in it."""

from __future__ import annotations

from tests.components.serving_check.mutants import (
    batches,
    files,
    interfaces,
    memories,
    outputs,
    pictures,
    right,
    weights,
)
from tests.components.serving_check.mutants.registry import MUTANTS

__all__ = ["MUTANTS"]

_KINDS = (batches, files, interfaces, memories, outputs, pictures, right, weights)
