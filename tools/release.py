"""Whether this checkout can be released: `make release-check`.

The tree has to be clean, its version the same wherever it stands, the changelog dated; and what
setup.py builds from a copy of the tree has to install into an empty environment and start.
"""

from __future__ import annotations

import datetime
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from documents.terminal.command_line import CommandLine

REPOSITORY = Path(__file__).resolve().parents[1]
VERSIONS = {
    "setup.py": r'^    version="(.*)",$',
    "Makefile": r"^IMAGE \?= [\w-]+:(.*)$",
    "CHANGELOG.md": r"^## (\d\S*) – ",
    "docs/upgrading.md": r"^## From \S+ to (\S+)$",
}
"""Where the version stands: the first match counts."""
COMMANDS = (
    ("local_runner", "--help"),
    ("local_runner", "init", "--help"),
    ("local_runner", "tune", "--help"),
    ("kubeflow_runner", "--help"),
    ("serving", "--help"),
    ("inspection", "--help"),
    ("models.hub", "--help"),
    ("models.hub", "publish", "--help"),
)
"""Modules of the installed package that have to start, with their arguments."""
_HEADING = re.compile(r"^## (.*)$", re.MULTILINE)
_RELEASE = re.compile(r"(\d+\.\d+\.\d+) – (\d{4}-\d\d-\d\d)")


class ReleaseError(RuntimeError):
    """This cannot be released; the message says what mends it."""


def version_of(texts: Mapping[str, str]) -> str:
    """The version that all files agree on. Pure.

    Args:
      texts: of the files of VERSIONS.

    Raises:
      ReleaseError: one has none, or another one.
    """
    found = {}
    for name, pattern in VERSIONS.items():
        match = re.search(pattern, texts[name], re.MULTILINE)
        if match is None:
            raise ReleaseError(f"{name} says no version.")
        found[name] = match[1]
    if len(set(found.values())) > 1:
        told = ", ".join(f"{version} in {name}" for name, version in found.items())
        raise ReleaseError(f"The version differs: {told}; write one everywhere.")
    return found["setup.py"]


def check_changelog(text: str, today: datetime.date) -> None:
    """Whether nothing waits under Unreleased, and releases are dated, the newest first. Pure.

    Raises:
      ReleaseError: otherwise.
    """
    unreleased, _, rest = text.partition("\n## Unreleased\n")[2].partition("\n## ")
    if re.search(r"^- ", unreleased, re.MULTILINE):
        raise ReleaseError("CHANGELOG.md has lines under Unreleased: move them below the version.")
    dates = []
    for heading in _HEADING.findall(f"## {rest}" if rest else ""):
        match = _RELEASE.fullmatch(heading)
        if match is None:
            raise ReleaseError(f"CHANGELOG.md: `## {heading}` is no `## 1.2.3 – 2026-01-31`.")
        dates.append(datetime.date.fromisoformat(match[2]))
    if not dates or dates != sorted(dates, reverse=True):
        raise ReleaseError("CHANGELOG.md: releases are dated, the newest first.")
    if dates[0] > today:
        raise ReleaseError(f"CHANGELOG.md: {dates[0]} is not yet.")


def check_clean(repository: Path) -> None:
    """Raises ReleaseError: a file differs from the commit, or is in none."""
    said = _run(["git", "status", "--porcelain"], repository)
    if said:
        raise ReleaseError(f"The tree is not clean: {said.splitlines()[0].strip()}; commit first.")


def build(repository: Path, folder: Path) -> tuple[Path, Path]:
    """Builds the committed tree in a copy; returns the source distribution and the wheel."""
    source = folder / "source"
    source.mkdir()
    archive = folder / "tree.tar"
    _run(["git", "archive", "--output", str(archive), "HEAD"], repository)
    shutil.unpack_archive(archive, source)
    built = folder / "built"
    sdist = ["setup.py", "--quiet", "sdist", "--dist-dir", str(built)]
    _run([sys.executable, *sdist], source)
    # The wheel is built of the source distribution, as whoever gets that one will.
    [made] = built.iterdir()
    pip = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index")
    _run([sys.executable, *pip, "--wheel-dir", str(built), str(made)], folder)
    [wheel] = built.glob("*.whl")
    return made, wheel


def start(wheel: Path, folder: Path) -> None:
    """Installs the wheel apart from this checkout, and has each command print its help.

    Raises:
      ReleaseError: one cannot.
    """
    place = folder / "installed"
    pip = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(place))
    _run([sys.executable, *pip, str(wheel)], folder)
    for module, *arguments in COMMANDS:
        # The copy comes before the checkout, which the environment knows.
        look = f"import {module} as found; print(found.__file__)"
        found = _run([sys.executable, "-c", look], folder, PYTHONPATH=str(place))
        if not Path(found.splitlines()[-1]).resolve().is_relative_to(place.resolve()):
            raise ReleaseError(f"{wheel.name} lacks {module}: add it to setup.py.")
        _run([sys.executable, "-m", module, *arguments], folder, PYTHONPATH=str(place))


def _run(command: Sequence[str], folder: Path, **variables: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise ReleaseError(f"`{' '.join(command[:4])} …` failed: {' '.join(last)}")
    return done.stdout


def main(arguments: Sequence[str] | None = None) -> int:
    """Says what stands in the way of a release; 1 where anything does."""
    description = "Says whether this checkout can be released; exit code 1 where it cannot."
    CommandLine(prog="python -m tools.release", description=description).parse_args(arguments)
    texts = {name: (REPOSITORY / name).read_text(encoding="utf-8") for name in VERSIONS}
    try:
        check_clean(REPOSITORY)
        version = version_of(texts)
        check_changelog(texts["CHANGELOG.md"], datetime.datetime.now(datetime.timezone.utc).date())
        with tempfile.TemporaryDirectory(prefix="release-") as folder:
            sdist, wheel = build(REPOSITORY, Path(folder))
            start(wheel, Path(folder))
            sizes = ", ".join(
                f"{made.name} {made.stat().st_size:,} bytes" for made in (sdist, wheel)
            )
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{version} can be released: {sizes}. Tag it: git tag v{version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
