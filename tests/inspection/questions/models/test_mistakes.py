"""What a model answered worst, in Python."""

from __future__ import annotations

from pathlib import Path

import pytest

import inspection
from tests.inspection.worst_answers import write_store


@pytest.fixture
def root(memory_path: Path) -> Path:
    return write_store(memory_path / "root")


def test_those_of_a_slice(root):
    answer = inspection.open_store(root).mistakes("a3", "city=Bonn")
    assert answer.to_pandas()["row"].tolist() == [2, 7]


def test_why_there_may_be_none(root):
    answer = inspection.open_store(root).mistakes("a4")
    assert not answer.known
    assert "was not kept" in answer.headline
    assert answer.to_pandas().empty
