"""Disks that are full or turn read-only in the middle."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from serving.__main__ import main
from serving.base_path.content import PROVENANCE, content_digest
from serving.base_path.versions import publish
from serving.base_path.withdrawal import withdraw
from tests.faults import pipeline_run as runs
from tests.faults.fork import in_child
from tests.faults.kinds.changes import CHANGES
from tests.faults.soundness import unsound
from tests.faults.trial import Budget, Trial, problem_of
from tests.serving.base_path.written import make_model

name = "full and read-only disks"
share = 3.0
_ROOT_MEGABYTES = 700
"""Enough for a run to begin."""
_KILOBYTES = range(4, 129, 4)
_RUN_SECONDS = 60.0
"""What a run takes, about; it begins only where there is time for it."""


def missing() -> str | None:
    if os.geteuid() != 0:
        return "only root may mount a tmpfs"
    mounted = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return None if mounted.returncode == 0 else "this machine allows no mounts"


def trials(budget: Budget) -> Iterator[Trial]:
    """Small disks for the changes of a base path, then one that fills up under a whole run."""
    yield from _small_disks(budget)
    for node, spoil in (("Transform", _fill), ("Evaluator", _make_read_only)):
        if not budget.allows(_RUN_SECONDS):
            return
        yield from _spoilt_run(budget, node, spoil)


def _small_disks(budget: Budget) -> Iterator[Trial]:
    model = make_model(budget.folder / "model", b"w" * 20_000)
    contents = {content_digest(model)}
    for kind, change in CHANGES.items():
        for room in _KILOBYTES:
            if budget.is_spent:
                return
            with _disk(budget.folder / "disk", "1m") as disk:
                base = disk / "base"
                for number in (1, 2, 3, 4):
                    publish(model, base, version=number, extra_files={PROVENANCE: b"{}"})
                withdraw(base, 4, reason="bad")
                _leave(disk, room * 1024)
                ended = in_child(functools.partial(change.act, base, model))
                problem = problem_of(ended.code, ended.shown, (0, 1)) or unsound(base, contents)
                (disk / "filler").unlink()
                look = in_child(functools.partial(main, ["versions", "--base-path", str(base)]))
                problem = problem or problem_of(look.code, look.shown, (0,))
            yield Trial(f"{kind} with {room} KB left", problem)


def _spoilt_run(budget: Budget, node: str, spoil: Callable[[Path], None]) -> Iterator[Trial]:
    root = runs.finished_root(budget.shared)
    known = runs.contents(root)
    with _disk(budget.folder / "disk", f"{_ROOT_MEGABYTES}m") as disk:
        place = disk / "root"
        # Another place than the one in its store: everything runs anew.
        shutil.copytree(runs.base_path(root), runs.base_path(place))
        ended = runs.at_node(runs.start(place), node, lambda: spoil(disk))
        problem = problem_of(ended.code, ended.shown, (1,))
        if problem is None and " failed: " not in ended.shown:
            problem = f"no word of the node: {ended.shown[-300:]!r}"
        if problem is None and not any(
            words in ended.shown for words in ("no room left", "cannot be written any more")
        ):
            problem = f"no word of the disk: {ended.shown[-300:]!r}"
        problem = problem or unsound(runs.base_path(place), known)
        yield Trial(f"{spoil.__name__.strip('_')} when {node} begins", problem)
        _restore(disk)
        if budget.allows(_RUN_SECONDS):
            ended = runs.finish(runs.start(place))
            yield Trial(
                f"the same command after {spoil.__name__.strip('_')}",
                problem_of(ended.code, ended.shown, (0,)),
            )


@contextlib.contextmanager
def _disk(folder: Path, size: str) -> Iterator[Path]:
    """A tmpfs; removed on leaving."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def _fill(disk: Path) -> None:
    _leave(disk, 0)


def _leave(disk: Path, room: int) -> None:
    """Fills a disk up, but for `room` bytes."""
    free = shutil.disk_usage(disk).free - room
    with contextlib.suppress(OSError), (disk / "filler").open("wb") as file:
        while free > 0:
            free -= file.write(b"\0" * min(free, 1 << 20))


def _make_read_only(disk: Path) -> None:
    # Not before the node's own files are open, which would keep this from working.
    subprocess.run(["mount", "-o", "remount,ro", disk], check=False, capture_output=True)
    if os.access(disk, os.W_OK):
        # Files that are open for writing keep a whole disk writable; a view of it does not.
        subprocess.run(["mount", "--bind", disk, disk], check=True)
        subprocess.run(["mount", "-o", "remount,ro,bind", disk], check=True)


def _restore(disk: Path) -> None:
    if not os.access(disk, os.W_OK):
        done = subprocess.run(["mount", "-o", "remount,rw", disk], check=False, capture_output=True)
        if done.returncode or not os.access(disk, os.W_OK):
            subprocess.run(["umount", "--lazy", disk], check=True)
    (disk / "filler").unlink(missing_ok=True)
