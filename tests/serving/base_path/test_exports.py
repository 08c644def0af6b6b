from __future__ import annotations

import logging
from pathlib import Path

import pytest

from documents.exports_place import ExportsPlace
from documents.reader import read
from documents.variants import Variants
from documents.writer import write
from serving.base_path import exports
from serving.base_path.changes import ChangeError
from serving.base_path.versions import publish
from serving.base_path.withdrawal import restore, rollback, withdraw


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Versions 1 to 3 of a model; variants of 2 and 3."""
    model, root = tmp_path / "model", tmp_path / "root"
    model.mkdir()
    (model / "saved_model.pb").write_bytes(b"graph")
    for number in (1, 2, 3):
        publish(model, root / "serving/pets", version=number)
    for number in (2, 3):
        folder = root / "exports/pets" / str(number)
        folder.mkdir(parents=True)
        write(Variants(model="pets", version=number), str(folder / Variants.FILE))
    exports.note(str(root / "serving/pets"), str(root / "exports/pets"))
    return root


def exported(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "exports/pets").iterdir())


def test_variants_go_and_come_with_their_version(root: Path) -> None:
    base = root / "serving/pets"
    withdraw(base, 3, reason="bad")
    assert exported(root) == [".withdrawn-3", "2"]
    restore(base, 3)
    assert exported(root) == ["2", "3"]
    rollback(base, 1, reason="both bad")
    assert exported(root) == [".withdrawn-2", ".withdrawn-3"]
    restore(base, 2)
    assert exported(root) == [".withdrawn-3", "2"]


def test_what_is_only_planned_changes_nothing(root: Path) -> None:
    withdraw(root / "serving/pets", 3, reason="bad", dry_run=True)
    assert exported(root) == ["2", "3"]


def test_root_that_was_moved(root: Path, tmp_path: Path) -> None:
    place = read(ExportsPlace, str(root / "serving/pets" / ExportsPlace.FILE))
    assert place
    assert place.folder == "../../exports/pets"
    moved = root.rename(tmp_path / "elsewhere")
    withdraw(moved / "serving/pets", 3, reason="bad")
    assert exported(moved) == [".withdrawn-3", "2"]


def test_version_without_variants(root: Path) -> None:
    (root / "exports/pets/3" / Variants.FILE).unlink()
    withdraw(root / "serving/pets", 3, reason="bad")
    # Whatever this is, nothing says that it was made here.
    assert exported(root) == ["2", "3"]


def test_variants_that_cannot_be_moved_leave_the_version_withdrawn(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocking = root / "exports/pets/.withdrawn-3"
    blocking.mkdir()
    (blocking / "file").touch()
    with caplog.at_level(logging.WARNING, "progress"):
        change = withdraw(root / "serving/pets", 3, reason="bad")
    assert change.live_after == 2
    assert "cannot be renamed to" in caplog.text


def test_what_a_kill_left_undone_is_done_by_the_next_command(root: Path) -> None:
    base = root / "serving/pets"
    withdraw(base, 3, reason="bad")
    # As after a kill between the two.
    (root / "exports/pets/.withdrawn-3").rename(root / "exports/pets/3")
    with pytest.raises(ChangeError):
        withdraw(base, 3, reason="bad")
    assert exported(root) == [".withdrawn-3", "2"]


def test_a_version_that_comes_back_otherwise_has_its_variants(root: Path) -> None:
    base = root / "serving/pets"
    withdraw(base, 3, reason="bad")
    (base / ".withdrawn-3").rename(base / "3")
    rollback(base, 2, reason="again")
    assert exported(root) == [".withdrawn-3", "2"]
