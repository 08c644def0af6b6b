"""What a test takes for granted, of what may be missing."""

from __future__ import annotations

import subprocess
from typing import TypeVar

Found = TypeVar("Found")


def there(found: Found | None) -> Found:
    """What was found; the test fails where that is nothing."""
    assert found is not None, "nothing was found"
    return found


def next_line(process: subprocess.Popen[str]) -> str:
    """The line that a process prints next into its pipe, with its end; empty once it has ended."""
    return there(process.stdout).readline()
