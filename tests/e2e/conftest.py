"""A clone of the project with a finished quick run in it, shared by the end-to-end tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.clone import REPOSITORY, Clone, Finished, clone_sources


@pytest.fixture
def empty_clone(tmp_path: Path) -> Clone:
    """Sources, and a ROOT in which nothing ever ran."""
    return clone_sources(REPOSITORY, tmp_path)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Clone, Finished]:
    """A clone in which the quick pipeline ran once, and what it printed."""
    clone = clone_sources(REPOSITORY, tmp_path_factory.mktemp("clone"))
    return clone, clone.run("--json")
