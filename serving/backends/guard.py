"""What must happen even when this process is killed."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Sequence


def guard(command: Sequence[str], cleanup: contextlib.ExitStack) -> None:
    """Has `command` run if this process dies before `cleanup` is closed.

    A shell waits for the end of its input, which comes with the end of this process, whatever ends
    it.
    """
    watch = subprocess.Popen(
        ["sh", "-c", 'read -r unused; "$@"', "guard", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert watch.stdin is not None  # It is a pipe.
    cleanup.callback(watch.wait)
    cleanup.callback(watch.stdin.close)
    cleanup.callback(watch.kill)
