"""docs/extending.md, taken at its word: its code is put into a copy of the project and tested."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e import warm
from tests.e2e.clone import REPOSITORY, clone_sources

PAGE = REPOSITORY / "docs" / "extending.md"
BLOCK = re.compile(r"^```(python|diff)\n# (\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
MOST_LINES = 100
"""Of the code that a kind or a format takes, without its tests."""


def _apply(path: Path, diff: str) -> None:
    """Lines with - are followed by those with + in their place; hunks are told apart by @@."""
    text = path.read_text()
    for hunk in diff.split("@@\n"):
        old, new = (
            "".join(line[1:] + "\n" for line in hunk.splitlines() if line.startswith(sign))
            for sign in "-+"
        )
        assert text.count(old) == 1, f"{path} has another {old!r}"
        text = text.replace(old, new)
    path.write_text(text)


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources with all that the page adds."""
    source = clone_sources(REPOSITORY, tmp_path_factory.mktemp("extended")).source
    for helper in ("tests/fashion_mnist.py", "tests/models/transform.py", "pyproject.toml"):
        (source / helper).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / helper, source / helper)
    for language, name, content in BLOCK.findall(PAGE.read_text()):
        path = source / name
        if language == "diff":
            _apply(path, content)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        if not name.startswith("tests/"):
            (path.parent / "__init__.py").write_text("")
    return source


def test_a_kind_and_a_format_are_few_lines() -> None:
    for part in ("models/", "components/"):
        blocks = [block for block in BLOCK.findall(PAGE.read_text()) if block[1].startswith(part)]
        assert blocks
        assert sum(len(content.splitlines()) for _, _, content in blocks) < MOST_LINES


@pytest.mark.slow
@pytest.mark.extended
def test_the_code_of_the_page_passes_the_tests_of_the_page(extended: Path) -> None:
    done = warm.run(
        ["-m", "pytest", "-q", "-n", "0", "tests"],
        cwd=extended,
        env={**os.environ, "PYTHONPATH": str(extended)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "13 passed" in done.stdout


@pytest.mark.medium
def test_it_looks_as_code_does_here(extended: Path) -> None:
    names = [name for _, name, _ in BLOCK.findall(PAGE.read_text())]
    for arguments in (["check"], ["format", "--check", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "--no-cache", *names],
            cwd=extended,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout
