"""Exit codes of children, whatever this process was started with."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

_ASKED = """
import subprocess, sys
from serving.backends.children import tell_how_they_end
if sys.argv[1] == "told":
    tell_how_they_end()
print(subprocess.run(["sh", "-c", "kill -9 $$"]).returncode)
"""


def _ignore() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)


@pytest.mark.medium
@pytest.mark.parametrize(("how", "code"), [("told", "-9"), ("not told", "0")])
def test_a_child_that_was_killed_ended_so_where_its_end_would_be_ignored(how, code):
    done = subprocess.run(
        [sys.executable, "-c", _ASKED, how],
        preexec_fn=_ignore,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == code
