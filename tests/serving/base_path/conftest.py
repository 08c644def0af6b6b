"""A base path that changes are tried on."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.base_path.versions import publish
from tests.serving.base_path.written import make_model


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Of versions 1 to 4."""
    model = make_model(tmp_path / "model")
    for number in (1, 2, 3, 4):
        publish(model, tmp_path / "base", version=number)
    return tmp_path / "base"
