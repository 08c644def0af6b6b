from __future__ import annotations

from pathlib import Path

import pytest

from components.serving_check.partial_copies import PARTIAL_COPIES, spoil


def complete(folder: Path) -> Path:
    version = folder / "3"
    (version / "variables").mkdir(parents=True)
    for name in ("saved_model.pb", "variables/variables.index", "variables/variables.data-00000"):
        (version / name).write_bytes(b"12345678")
    return version


def content(version: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(version)): path.read_bytes()
        for path in version.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("how", PARTIAL_COPIES)
def test_something_is_missing_and_the_original_stays_whole(tmp_path, how):
    whole = content(complete(tmp_path / "a"))
    version = complete(tmp_path / "b")
    original = tmp_path / "original.pb"
    original.hardlink_to(version / "saved_model.pb")
    assert spoil(version, how)
    assert version.is_dir()
    assert content(version) != whole
    assert original.read_bytes() == b"12345678"


def test_a_model_without_variables_has_fewer_ways(tmp_path):
    version = tmp_path / "3"
    version.mkdir()
    (version / "saved_model.pb").write_bytes(b"12345678")
    assert not spoil(version, "half the data of the variables")
