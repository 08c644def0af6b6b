"""What stands in the way of a release."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path

import pytest

from tools.release import (
    REPOSITORY,
    VERSIONS,
    ReleaseError,
    check_changelog,
    check_clean,
    version_of,
)

TODAY = datetime.date(2026, 11, 26)
TEXTS = {
    "setup.py": 'setup(\n    version="0.2.0",\n)\n',
    "Makefile": "IMAGE ?= tfx-hub-serving:0.2.0\n",
    "CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n## 0.2.0 – 2026-11-26\n\n- A.\n",
    "docs/upgrading.md": "# Upgrading\n\n## From 0.1.0 to 0.2.0\n",
}


def test_files_that_agree_have_a_version():
    assert version_of(TEXTS) == "0.2.0"


@pytest.mark.parametrize("name", VERSIONS)
def test_a_file_with_another_version_is_named(name):
    texts = {**TEXTS, name: TEXTS[name].replace("0.2.0", "0.3.0")}
    with pytest.raises(ReleaseError, match=rf"0\.3\.0 in {name}"):
        version_of(texts)
    with pytest.raises(ReleaseError, match=f"{name} says no version"):
        version_of({**TEXTS, name: ""})


def test_the_version_of_this_project_is_the_same_everywhere():
    version_of({name: (REPOSITORY / name).read_text(encoding="utf-8") for name in VERSIONS})


def test_a_changelog_of_dated_releases_is_right():
    check_changelog(TEXTS["CHANGELOG.md"] + "\n## 0.1.0 – 2026-11-23\n\n- B.\n", TODAY)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("\n## Unreleased\n\n- A.\n\n## 0.2.0 – 2026-11-26\n", "has lines under Unreleased"),
        ("\n## Unreleased\n\n## 0.2.0\n", "`## 0.2.0` is no `## 1.2.3 – 2026-01-31`"),
        ("\n## Unreleased\n\n## 0.2.0 – 2026-11-27\n", "2026-11-27 is not yet"),
        (
            "\n## Unreleased\n\n## 0.2.0 – 2026-11-23\n\n## 0.1.0 – 2026-11-26\n",
            "dated, the newest first",
        ),
        ("\n## Unreleased\n", "dated, the newest first"),
    ],
)
def test_a_changelog_that_is_not_ready_is_told(text, why):
    with pytest.raises(ReleaseError) as caught:
        check_changelog(text, TODAY)
    assert why in str(caught.value)


def test_only_what_is_committed_is_released(tmp_path: Path):
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com")
    for command in ((*git, "init", "-q"), (*git, "commit", "-q", "--allow-empty", "-m", "a")):
        subprocess.run(command, cwd=tmp_path, check=True)
    check_clean(tmp_path)
    (tmp_path / "new file").touch()
    with pytest.raises(ReleaseError, match=r"not clean: \?\? .*new file.*; commit first"):
        check_clean(tmp_path)
