"""Where `init` is started."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty one, so that paths are those that a user types."""
    monkeypatch.chdir(tmp_path)
