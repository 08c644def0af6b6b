"""Paths as a person would type them."""

from pathlib import Path

import pytest

from documents.terminal.short_path import short_path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/me/project/workspace", "workspace"),
        (Path("/home/me/project"), "."),
        ("/srv", "/srv"),
        ("gs://bucket/root", "gs://bucket/root"),
    ],
)
def test_the_shorter_spelling_wins(
    path: str | Path, expected: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("os.getcwd", lambda: "/home/me/project")
    assert short_path(path) == expected
