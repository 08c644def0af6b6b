"""What tests of inspection share."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inspection.__main__ import main
from tests.inspection.store_writer import StoreWriter

MEMORY = Path("/dev/shm")


@pytest.fixture
def memory_path(tmp_path: Path) -> Iterator[Path]:
    """A folder for stores that a test writes: in memory, where forcing each of a hundred
    transactions to the disk takes no time."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)


@pytest.fixture
def store(memory_path: Path) -> StoreWriter:
    """An empty one, to be written to."""
    return StoreWriter(memory_path / "root")


@pytest.fixture
def ask(store: StoreWriter, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What a command prints about that store, which ends with `code`."""

    def run(*arguments: str, code: int = 0) -> str:
        assert main([*arguments, "--store", str(store.root)]) == code, capsys.readouterr()
        return capsys.readouterr().out

    return run
