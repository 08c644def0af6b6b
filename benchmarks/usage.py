"""What a whole process used, children included, as the operating system accounts it."""

from __future__ import annotations

import dataclasses
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from pipeline.settings import REPOSITORY

_LAST_LINES = 15
# getrusage(2) gives kilobytes, but bytes on macOS.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class CommandError(RuntimeError):
    """A measured command failed; the message ends with the last lines of its output."""


@dataclasses.dataclass(frozen=True)
class Usage:
    """One finished process."""

    cpu_seconds: float
    """User and system time of the process and of every child it waited for."""
    wall_seconds: float
    peak_megabytes: float
    """Largest resident set of any single process among them, in 10^6 bytes."""


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    output: Path,
    env: Mapping[str, str] | None = None,
    codes: Collection[int] = (0,),
) -> Usage:
    """Runs a command to its end, its standard output going to `output`.

    A caller should be small: Linux counts the memory of the process that starts the command as if
    it were the command's own.

    Raises:
      CommandError: it ended with another code than those in `codes`.
    """
    start = time.monotonic()
    errors = output.with_suffix(".err")
    with output.open("w") as out, errors.open("w") as err:
        process = subprocess.Popen(command, cwd=cwd, stdout=out, stderr=err, env=env)
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        lines = (output.read_text() + errors.read_text()).splitlines()
        last = "\n".join(lines[-_LAST_LINES:])
        raise CommandError(f"{' '.join(command)} ended with {process.returncode}:\n{last}")
    return Usage(
        cpu_seconds=used.ru_utime + used.ru_stime,
        wall_seconds=time.monotonic() - start,
        peak_megabytes=used.ru_maxrss * _RSS_UNIT / 1e6,
    )


def python(output: Path, *arguments: str, cwd: Path = REPOSITORY) -> Usage:
    """As `run`, of this Python, on the processor and with one thread for each library.

    Raises:
      CommandError: it fails.
    """
    # With a thread for each core scikit-learn's wait for one another, all of it CPU time.
    env = {"OMP_NUM_THREADS": "1", "TF_ENABLE_ONEDNN_OPTS": "1", **os.environ}
    env |= {"TF_USE_LEGACY_KERAS": "1", "CUDA_VISIBLE_DEVICES": "-1"}
    return run([sys.executable, *arguments], cwd=cwd, output=output, env=env)


def median(usages: Sequence[Usage]) -> Usage:
    """The median of each figure on its own."""
    return Usage(
        *(
            statistics.median(getattr(usage, field.name) for usage in usages)
            for field in dataclasses.fields(Usage)
        )
    )
