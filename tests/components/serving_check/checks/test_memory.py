"""Peak memory of a process."""

import os
import subprocess
import sys

from components.serving_check.checks.memory import judge, peak_resident_bytes
from components.serving_check.options import Options


def test_the_budget_is_in_megabytes():
    assert judge(499.6, Options(megabytes=500))[0].ok
    [check] = judge(612.4, Options(megabytes=500))
    assert (check.ok, check.expected, check.found) == (False, "peak ≤ 500 MB", "612 MB")


def test_the_peak_is_remembered_after_the_memory_is_given_back():
    before = peak_resident_bytes(os.getpid())
    code = (
        "import sys; block = bytearray(200_000_000); block[::4096] = b'x' * len(block[::4096]);"
        "del block; print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        peak = peak_resident_bytes(process.pid)
        process.stdin.close()
    assert before > 10_000_000
    if sys.platform == "linux":
        assert peak > 200_000_000
