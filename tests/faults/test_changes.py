"""The campaign itself, in small: every kill in one change, and that a wrong one would be seen."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.settings import REPOSITORY
from serving.base_path.versions import publish
from tests.faults import fork
from tests.faults.fork import in_child
from tests.faults.soundness import unsound
from tests.faults.trial import problem_of
from tests.serving.base_path.written import make_model

PRUNES = """
import random, sys, time
from pathlib import Path
from tests.faults.kinds import changes
from tests.faults.trial import Budget

changes.CHANGES = {"prune": changes.CHANGES["prune"]}
folder = Path(sys.argv[1])
trials = list(changes.trials(Budget(folder, folder, time.monotonic() + 300, random.Random(0))))
print(len(trials), *(trial for trial in trials if trial.problem), sep="\\n")
"""


@pytest.mark.slow
@pytest.mark.extended
def test_a_prune_may_be_killed_before_every_event(tmp_path: Path):
    """In a process of its own: hundreds are forked from it, and what tests import is large."""
    done = subprocess.run(
        [sys.executable, "-c", PRUNES, tmp_path], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    count, *problems = done.stdout.splitlines()
    assert problems == []
    assert int(count) > 5


def test_a_half_copied_version_would_be_seen(tmp_path: Path):
    model = make_model(tmp_path / "model")
    base = tmp_path / "base"
    version = publish(model, base)
    digest = "sha256:of something else"
    assert unsound(base, {digest}) == f"version {version.number} is live and incomplete"
    assert unsound(tmp_path / "empty", {digest}) == "nothing is live"


@pytest.mark.medium
def test_a_trace_a_wrong_code_and_a_hang_would_be_seen(monkeypatch: pytest.MonkeyPatch):
    def fail() -> int:
        raise KeyError("x")

    def hang() -> int:
        while True:
            pass

    ended = in_child(fail)
    assert problem_of(ended.code, ended.shown, (1,)) == "a trace: KeyError: 'x'"
    ended = in_child(lambda: 3)
    assert "exit code 3 instead of 0" in (problem_of(ended.code, ended.shown, (0,)) or "")
    monkeypatch.setattr(fork, "HANG_SECONDS", 0)
    assert in_child(hang).hung


@pytest.mark.medium
def test_what_waits_is_seen_and_what_serves_is_told_to_end(monkeypatch: pytest.MonkeyPatch):
    def wait() -> int:
        time.sleep(600)
        return 0

    def serve() -> int:
        try:
            wait()
        except KeyboardInterrupt:
            return 130
        return 0

    monkeypatch.setattr(fork, "_WAIT_SECONDS", 0.5)
    assert in_child(wait).hung
    monkeypatch.undo()
    ended = in_child(serve, interrupt_after=1)
    assert (ended.code, ended.hung) == (130, False)


def test_a_child_is_killed_before_the_change_it_was_told(tmp_path: Path):
    def write() -> int:
        for name in "abc":
            (tmp_path / name).write_text(name)
        return 0

    assert in_child(write, kill_at=2).was_killed
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a"]
    assert in_child(write, kill_at=4).code == 0
