"""Odd surroundings: homes, locales, users, working folders, temporary folders, proxies, paths."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.faults import pipeline_run as runs
from tests.faults.trial import Budget, Trial, problem_of

name = "odd surroundings"
share = 5.0
_UID = "54321"


@dataclasses.dataclass(frozen=True)
class _Surrounding:
    """What differs from an ordinary start, and the exit codes that are right."""

    env: Mapping[str, str | None] = dataclasses.field(default_factory=dict)
    """None removes a variable."""
    cwd: Path | None = None
    before: Sequence[str] = ()
    root: str | None = None
    """A folder's name for a ROOT of its own, in which nothing has run."""
    allowed: tuple[int, ...] = (0,)


def missing() -> str | None:
    return None


def trials(budget: Budget) -> Iterator[Trial]:
    """A run with everything in its cache in each surrounding, or the start of a new one."""
    root = runs.finished_root(budget.shared)
    known = runs.contents(root)
    found = list(_surroundings(budget.folder).items())
    budget.dice.shuffle(found)
    for what, here in found:
        if budget.is_spent:
            return
        env = {**os.environ, **{key: value for key, value in here.env.items() if value is not None}}
        for key, value in here.env.items():
            if value is None:
                env.pop(key, None)
        place = budget.folder / here.root if here.root else root
        # Of a new ROOT the first nodes are enough to see whether its path is taken as it is.
        arguments = ("--to", "StatisticsGen") if here.root else ()
        ended = runs.finish(
            runs.start(place, *arguments, before=here.before, cwd=here.cwd, env=env)
        )
        problem = problem_of(ended.code, ended.shown, here.allowed)
        yield Trial(what, problem or runs.problem_in(root, known))


def _surroundings(folder: Path) -> dict[str, _Surrounding]:
    odd = folder / "odd cwd"
    for name_ in ("serving", "models", "documents"):
        (odd / name_).mkdir(parents=True, exist_ok=True)
        (odd / name_ / "__init__.py").write_text("raise RuntimeError('the wrong one')\n")
    (odd / "queue.py").write_text("raise RuntimeError('the wrong one')\n")
    long = folder / ("t" * 100) / ("u" * 60)
    long.mkdir(parents=True, exist_ok=True)
    proxy = "http://127.0.0.1:9"
    found = {
        "no HOME": _Surrounding({"HOME": None}),
        "a HOME that is not there": _Surrounding({"HOME": "/nonexistent"}),
        "a HOME called ~": _Surrounding({"HOME": "~"}),
        "an empty XDG_CACHE_HOME": _Surrounding({"XDG_CACHE_HOME": ""}),
        "ASCII": _Surrounding({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}),
        "a locale that is not installed": _Surrounding({"LC_ALL": "en_US", "LANG": "en_US"}),
        "PYTHONPATH with our names in it": _Surrounding({"PYTHONPATH": str(odd)}),
        "a working folder with our names in it": _Surrounding(cwd=odd),
        "a long TMPDIR": _Surrounding({"TMPDIR": str(long)}),
        "a TMPDIR that is not there": _Surrounding({"TMPDIR": "/nonexistent"}),
        "proxies": _Surrounding(
            dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "ALL_PROXY"), proxy)
        ),
        "PYTHONOPTIMIZE": _Surrounding({"PYTHONOPTIMIZE": "2"}, allowed=(2,)),
        "no PATH": _Surrounding({"PATH": ""}),
        "an odd TZ": _Surrounding({"TZ": "Nowhere/Never"}),
        "spaces in ROOT": _Surrounding(root="a root, with 'marks' & more"),
        "no ASCII in ROOT": _Surrounding(root="wörk→スペース"),
        "brackets in ROOT": _Surrounding(root="root [1]", allowed=(0, 2)),
        "a question mark in ROOT": _Surrounding(root="root?", allowed=(0, 2)),
        "a brace in ROOT": _Surrounding(root="{SPAN}", allowed=(0, 2)),
    }
    if os.geteuid() == 0 and shutil.which("setpriv"):
        found["a user without a name, who may write nothing"] = _Surrounding(
            {"HOME": None},
            before=("setpriv", "--reuid", _UID, "--regid", _UID, "--clear-groups"),
            # A ROOT of root's: one sentence. Or Python itself is out of this user's reach.
            allowed=(1, 2, 126, 127),
        )
    return found
