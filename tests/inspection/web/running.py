"""The pages in a process of their own."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.there import next_line, there


class Running:
    """An explorer process; ends with the block as Ctrl-C or SIGTERM ends it."""

    def __init__(self, root: Path, end: signal.Signals = signal.SIGINT) -> None:
        self._command = [
            *(sys.executable, "-m", "inspection", "web", "--port", "0", "--store", str(root))
        ]
        self._end = end

    def __enter__(self) -> str:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        line = next_line(self._process)
        return there(re.match(r"http://127\.0\.0\.1:\d+", line)).group()

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(self._end)
        assert self._process.wait(20) == 0
