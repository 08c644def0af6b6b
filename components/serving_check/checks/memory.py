"""How much memory did the server take at its peak?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from components.serving_check.checks.check import Check
from components.serving_check.options import Options

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "memory"


def measure(served: Served) -> float:
    """Peak resident memory of the server's process so far, in megabytes (10^6 bytes)."""
    return peak_resident_bytes(served.server.pid) / 1e6


def peak_resident_bytes(pid: int) -> int:
    """Linux keeps the peak (VmHWM, proc(5)); elsewhere it is what is resident now."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return psutil.Process(pid).memory_info().rss


def judge(megabytes: float, options: Options) -> list[Check]:
    """Passes when the peak is within `megabytes`."""
    return [
        Check(
            NAME,
            ok=megabytes <= options.megabytes,
            expected=f"peak ≤ {options.megabytes:g} MB",
            found=f"{megabytes:.0f} MB",
        )
    ]
