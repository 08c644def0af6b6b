"""Temporary files of a run."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from pipeline.local.scratch import scratch_folder
from tests.there import next_line

HOLDER = """
import time
from pathlib import Path
from pipeline.local.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "copy of the model").write_text("x" * 1000)
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def _holder() -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True)
    return process, Path(next_line(process).strip())


def test_temporary_files_of_a_run_and_its_children_lie_in_its_folder(temporary: Path):
    with scratch_folder() as folder:
        assert folder.parent == temporary
        with tempfile.TemporaryDirectory() as made:
            assert Path(made).parent == folder
        assert os.environ["TMPDIR"] == str(folder)
    assert list(temporary.iterdir()) == []
    assert os.environ["TMPDIR"] == str(temporary)


def test_what_a_killed_run_left_is_removed_by_the_next_one(temporary: Path):
    process, left = _holder()
    process.kill()
    process.wait()
    assert (left / "copy of the model").exists()
    with scratch_folder() as folder:
        assert [path for path in temporary.iterdir() if path != folder] == []


def test_the_folder_of_a_run_that_goes_on_stays(temporary: Path):
    process, held = _holder()
    try:
        with scratch_folder():
            assert (held / "copy of the model").exists()
    finally:
        process.kill()
        process.wait()


def test_a_folder_that_is_about_to_be_locked_stays_and_an_old_one_goes(temporary: Path):
    young, old = temporary / "tfx-run-young", temporary / "tfx-run-old"
    for folder in (young, old):
        folder.mkdir()
    hour_ago = time.time() - 3600
    os.utime(old, (hour_ago, hour_ago))
    with scratch_folder():
        assert young.exists()
        assert not old.exists()


def test_a_link_of_that_name_leads_nowhere(
    temporary: Path, tmp_path_factory: pytest.TempPathFactory
):
    target = tmp_path_factory.mktemp("precious")
    (target / "file").write_text("kept")
    (temporary / "tfx-run-link").symlink_to(target)
    with scratch_folder():
        pass
    assert (target / "file").read_text() == "kept"
