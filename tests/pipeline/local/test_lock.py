"""One run per ROOT."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.local.lock import RunLockedError, run_lock
from tests.there import next_line

HOLDER = """
import sys, time
from pathlib import Path
from pipeline.local.lock import run_lock
with run_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert next_line(process) == "held\n"
    yield process
    process.kill()
    process.wait()


@pytest.mark.medium
def test_a_second_run_is_refused_and_told_who_holds_the_folder(tmp_path: Path, holder):
    with pytest.raises(RunLockedError, match=rf"pid {holder.pid}.*--root"), run_lock(tmp_path):
        pass


@pytest.mark.medium
def test_the_lock_of_a_killed_run_is_taken_over(tmp_path: Path, holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with run_lock(tmp_path):
        assert (tmp_path / ".run.pid").read_text().startswith(f"{os.getpid()}\n")


def test_a_finished_run_leaves_the_folder_free(tmp_path: Path):
    for _ in range(2):
        with run_lock(tmp_path):
            pass
    assert not (tmp_path / ".run.pid").exists()
