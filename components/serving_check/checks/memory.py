"""How much memory did the server take at its peak?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.serving_check.checks.check import Check
from components.serving_check.options import Options

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "memory"


def measure(served: Served) -> float:
    """Peak resident memory of the server so far, in megabytes (10^6 bytes)."""
    return served.server.peak_rss_megabytes()


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
