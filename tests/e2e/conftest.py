"""A clone of the project, which a test may edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.clone import REPOSITORY, Clone, clone_sources


@pytest.fixture
def empty_clone(tmp_path: Path) -> Clone:
    """Sources, and a ROOT in which nothing ever ran."""
    return clone_sources(REPOSITORY, tmp_path)
