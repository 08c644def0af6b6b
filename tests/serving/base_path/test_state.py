"""What a base path holds now."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from documents.provenance import Provenance
from documents.verdict import BaselineReference
from serving.base_path.changes import ChangeError
from serving.base_path.errors import BasePathError
from serving.base_path.state import described, list_withdrawn, read_state
from serving.base_path.versions import publish
from serving.base_path.withdrawal import withdraw


def test_the_state_tells_what_is_whole_what_is_not_and_what_is_there_twice(base: Path) -> None:
    withdraw(base, 4, reason="x")
    (base / "9").mkdir()
    assert read_state(base).doubles == {}
    shutil.copytree(base / "3", base / "003")
    shutil.copytree(base / "2", base / ".withdrawn-2")
    state = read_state(base)
    assert (state.versions, state.withdrawn, state.incomplete) == ((1, 2, 3), (4,), (9,))
    assert {number: sorted(names) for number, names in state.doubles.items()} == {3: ["003", "3"]}


def test_a_broken_copy_is_no_version_that_was_withdrawn(base: Path) -> None:
    withdraw(base, 2, reason="x")
    assert [version.path for version in list_withdrawn(base)] == [str(base / ".withdrawn-2")]
    shutil.copytree(base / ".withdrawn-2", base / "2")
    assert list_withdrawn(base) == []
    shutil.rmtree(base / "2")
    (base / ".withdrawn-2" / "saved_model.pb").unlink()
    assert list_withdrawn(base) == []


def test_the_version_that_the_live_one_was_compared_with_is_known(base: Path) -> None:
    assert read_state(base).baseline is None
    provenance = Provenance(baseline=BaselineReference(version=2, digest="d"))
    file = Path(Provenance.FILE)
    publish(base / "4", base, version=5, extra_files={str(file): provenance.encode()})
    assert read_state(base).baseline == 2
    publish(base / "4", base, version=6)
    assert read_state(base).baseline is None


def test_nothing_is_there_before_there_is_a_base_path(tmp_path: Path) -> None:
    state = read_state(tmp_path / "none")
    assert (state.versions, state.withdrawn, state.incomplete, state.baseline) == ((), (), (), None)


def test_an_error_of_the_disk_is_said_in_one_sentence(tmp_path: Path) -> None:
    base = str(tmp_path)
    with pytest.raises(ChangeError, match=f"^Base path {base} may not be used"), described(base):
        raise PermissionError(13, os.strerror(13), base)
    with pytest.raises(BasePathError, match="as it was"), described(base):
        raise BasePathError("as it was")
