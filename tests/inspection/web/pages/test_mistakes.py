"""The page of what a model answered worst, with the rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inspection.web.pages_shown import explore
from tests.inspection.worst_answers import write_store


@pytest.fixture
def root(memory_path: Path) -> Path:
    return write_store(memory_path / "root")


def test_pictures_and_scores_and_links_to_what_fell(root):
    client = explore(root)
    for page in ("/artifacts/a3", "/steps/s4/evaluation"):
        assert 'href="/artifacts/a3/mistakes"' in client.get(page).text
    text = client.get("/artifacts/a3/mistakes").text
    assert "shirt 0.99" in text
    assert text.count("data:image/png") == 3
    assert 'href="?slice=city%3DRome"' in text
    fallen = client.get("/artifacts/a3/mistakes?slice=city%3DRome").text
    assert fallen.count("data:image/png") == 1
    assert "was not kept" in client.get("/artifacts/a4/mistakes").text


def test_without_the_data_there_are_still_the_answers(root):
    for path in root.rglob("Split-eval/data"):
        path.unlink()
    text = explore(root).get("/artifacts/a3/mistakes").text
    assert "shirt 0.99" in text
    assert "not at hand" in text


def test_a_slice_of_a_page_may_be_anything(root):
    client = explore(root)
    for slice in ("", "=", "a=<b>", "city=" + "x" * 500, "label=9999999999999999999999"):
        answer = client.get("/artifacts/a3/mistakes", query_string={"slice": slice})
        assert answer.status_code == 200, slice
        assert "<b>" not in answer.text
