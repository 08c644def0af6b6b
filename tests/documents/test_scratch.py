"""Folders in which something is made: gone afterwards, also those of killed processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from documents.scratch import scratch
from documents.writer import UNFINISHED
from pipeline.settings import REPOSITORY

MAKER = (
    "import sys; from pathlib import Path; from documents.scratch import scratch\n"
    "with scratch(Path(sys.argv[1])) as place:\n"
    "    (place / 'half').write_text('x'); print(place, flush=True); sys.stdin.read()\n"
)


@pytest.fixture
def maker(tmp_path: Path):
    """A process that is in the middle of making something."""
    process = subprocess.Popen(
        [sys.executable, "-c", MAKER, str(tmp_path)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.place = Path(process.stdout.readline().strip())  # type: ignore[attr-defined]
    yield process
    process.kill()
    process.communicate()


def test_it_is_gone_at_the_end_however_that_comes(tmp_path: Path):
    def fail() -> None:
        with scratch(tmp_path) as place:
            (place / "half").write_text("x")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_goes_at_the_next_start(tmp_path: Path, maker):
    maker.kill()
    maker.wait()
    assert maker.place.exists()
    with scratch(tmp_path) as place:
        assert list(tmp_path.iterdir()) == [place]


def test_what_another_process_works_on_stays(tmp_path: Path, maker):
    with scratch(tmp_path):
        assert (maker.place / "half").exists()


def test_only_folders_of_its_own_go(tmp_path: Path):
    (tmp_path / "kept").mkdir()
    (tmp_path / f"{UNFINISHED}file").write_text("x")
    (tmp_path / f"{UNFINISHED}link").symlink_to(tmp_path / "kept")
    with scratch(tmp_path):
        pass
    assert len(list(tmp_path.iterdir())) == 3
