"""The quick pipeline as a user starts it: a process, a ROOT, what it printed."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from serving.base_path.content import content_digest
from serving.base_path.versions import list_versions
from tests.faults.soundness import unsound

REPOSITORY = Path(__file__).resolve().parents[2]
RECORDED_STORE = REPOSITORY / "tests/inspection/recorded/workspace/metadata.db"
"""The store of some runs."""
MODEL = "fashion_mnist"
LONGEST_SECONDS = 300.0


@dataclasses.dataclass(frozen=True)
class Ended:
    """A process that ended."""

    code: int
    shown: str


def start(
    root: Path,
    *arguments: str,
    before: Sequence[str] = (),
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    clone: Path = REPOSITORY,
) -> subprocess.Popen[str]:
    """Starts the pipeline in a session of its own.

    Args:
      clone: where the project lies.
    """
    command = (str(clone / "local_runner.py"), "--config", str(clone / "configs/quick.yaml"))
    return subprocess.Popen(
        [*before, sys.executable, *command, "--root", str(root), *arguments],
        cwd=cwd or clone,
        env=os.environ if env is None else env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str], seen: str = "") -> Ended:
    """Waits for the end; what takes far too long is killed, which is its exit code."""
    try:
        shown, _ = process.communicate(timeout=LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        kill(process)
        shown, _ = process.communicate()
    return Ended(process.returncode, seen + shown)


def kill(process: subprocess.Popen[str]) -> None:
    """Kills it, and what it started, without a word."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def at_node(process: subprocess.Popen[str], node: str, act: Callable[[], object]) -> Ended:
    """Acts as soon as `node` begins, and waits for the end."""
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if line.startswith(f"{node} …"):
            act()
            break
    return finish(process, "".join(seen))


def finished_root(folder: Path) -> Path:
    """A ROOT in `folder` in which the quick pipeline ran; made once, where it is missing.

    Raises:
      RuntimeError: the run failed.
    """
    root = folder / "finished"
    if not root.exists():
        ended = finish(start(folder / "making"))
        if ended.code != 0:
            raise RuntimeError(f"The quick pipeline does not run here:\n{ended.shown}")
        (folder / "making").rename(root)
        # Its paths are in its store: run once where it lies now, and from then on all is cached.
        ended = finish(start(root))
        if ended.code != 0:
            raise RuntimeError(f"The quick pipeline does not run again here:\n{ended.shown}")
    return root


def contents(root: Path) -> set[str]:
    """Digests of the versions that are live in a sound ROOT."""
    return {content_digest(version.path) for version in list_versions(base_path(root))}


def base_path(root: Path) -> Path:
    return root / "serving" / MODEL


def problem_in(root: Path, known: set[str]) -> str | None:
    """What is wrong in a ROOT after a fault: in its base path or in its store."""
    connection = sqlite3.connect(root / "metadata.db")
    try:
        [[found]] = connection.execute("PRAGMA integrity_check(1)").fetchall()
    finally:
        connection.close()
    return f"the store is corrupt: {found}" if found != "ok" else unsound(base_path(root), known)


def copy(root: Path, to: Path) -> Path:
    """A copy of a ROOT."""
    shutil.copytree(root, to, symlinks=True)
    return to
