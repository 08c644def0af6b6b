"""Six real runs and a rollback, as tests/inspection/record.py made them, and their ids."""

from __future__ import annotations

from pathlib import Path

RECORDED = Path(__file__).parent / "recorded" / "workspace"
PUSHED, NOTHING_NEW, SLICE, SERVING, AGAIN, FAILED = "r2", "r23", "r24", "r30", "r34", "r36"
FIRST, SECOND = 1795427425, 1795427461
