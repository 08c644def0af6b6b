from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from documents.ledger_entry import Action
from documents.provenance import Provenance
from serving.base_path import storage, withdrawal
from serving.base_path.changes import Change, ChangeError
from serving.base_path.content import content_digest
from serving.base_path.ledger import LEDGER, Entry, now, read_ledger, record
from serving.base_path.state import list_withdrawn
from serving.base_path.versions import list_versions, live_version, publish
from serving.base_path.withdrawal import prune, restore, rollback, withdraw
from tests.serving.base_path.written import make_model, numbers, replay
from tests.there import there

REPOSITORY = Path(__file__).parents[3]


def test_roll_back_to_the_next_older_version(base: Path) -> None:
    change = rollback(base, reason="bad")
    assert (change.live_before, change.live_after, change.withdrawn) == (4, 3, (4,))
    assert numbers(base) == replay(base) == ([1, 2, 3], [4])
    assert read_ledger(base)[-1].reason == "bad"


def test_roll_back_to_an_older_version_withdraws_all_that_are_newer(base: Path) -> None:
    assert rollback(base, 2).withdrawn == (3, 4)
    assert numbers(base) == ([1, 2], [3, 4])


def test_withdraw_and_restore(base: Path) -> None:
    digest = content_digest(base / "4")
    assert withdraw(base, 4, reason="x").live_after == 3
    assert restore(base, 4).live_after == 4
    assert content_digest(base / "4") == digest
    assert numbers(base) == replay(base) == ([1, 2, 3, 4], [])


def test_prune_keeps_the_newest_and_says_how_much_it_freed(base: Path) -> None:
    withdraw(base, 4, reason="x")
    (base / "9").mkdir()
    change = prune(base, 1, withdrawn=True, leftovers=0)
    assert (change.pruned, change.leftovers) == ((1, 2, 4), ("9",))
    assert change.freed_bytes == 3 * len("graphweights")
    assert numbers(base) == replay(base) == ([3], [])
    assert not [name for name in os.listdir(base) if name.startswith(".pruned-")]


def test_prune_removes_what_a_broken_copy_left_of_a_withdrawn_version(base: Path) -> None:
    withdraw(base, 4, reason="x")
    (base / ".withdrawn-9").mkdir()
    assert prune(base, 3, leftovers=0).leftovers == (".withdrawn-9",)
    assert numbers(base) == ([1, 2, 3], [4])


def test_prune_leaves_unfinished_copies_that_may_still_be_written(base: Path) -> None:
    (base / "9").mkdir()
    assert prune(base, 9, leftovers=3600).leftovers == ()
    assert (base / "9").exists()


def test_prune_removes_what_dead_publishers_left_by_age_and_counts_its_bytes(base: Path) -> None:
    for name in (".staging-9", ".pruned-8", "7"):
        (base / name).mkdir()
        (base / name / "variables").write_bytes(b"half")
    for name in (".withdrawn-4", ".withdrawn-04"):  # Which of them it was nobody knows.
        (base / name).mkdir()
    old = time.time() - 3_600
    for path in (base / ".staging-9", *(base / ".staging-9").iterdir()):
        os.utime(path, (old, old))
    change = prune(base, 9, leftovers=1_800, dry_run=True)
    assert (change.leftovers, change.freed_bytes) == ((".staging-9",), 4)
    change = prune(base, 9, leftovers=0)
    assert (change.leftovers, change.freed_bytes) == ((".pruned-8", ".staging-9", "7"), 12)
    left = {".withdrawn-4", ".withdrawn-04", "1", "2", "3", "4"}
    assert left <= {*os.listdir(base)}
    assert not {*change.leftovers} & {*os.listdir(base)}


def test_a_dry_run_changes_nothing(base: Path) -> None:
    before = sorted(os.listdir(base)), read_ledger(base)
    assert rollback(base, dry_run=True).live_after == 3
    assert withdraw(base, 1, reason="x", dry_run=True).live_after == 4
    assert prune(base, 1, dry_run=True).pruned == (1, 2, 3)
    assert (sorted(os.listdir(base)), read_ledger(base)) == before


def test_withdrawn_versions_are_pruned_only_where_that_is_asked(base: Path) -> None:
    withdraw(base, 1, reason="x")
    assert prune(base, 2).pruned == (2,)
    assert numbers(base) == ([3, 4], [1])


def test_what_a_dead_prune_left_goes_with_the_next_one_but_not_with_a_dry_run(base: Path) -> None:
    (base / ".pruned-9").mkdir()
    prune(base, 4, dry_run=True)
    assert (base / ".pruned-9").exists()
    prune(base, 4)
    assert not (base / ".pruned-9").exists()


def test_a_base_path_that_is_not_there_has_nothing_to_prune(base: Path) -> None:
    change = prune(base / "none", 1, leftovers=0)
    assert (change.pruned, change.leftovers, change.freed_bytes) == ((), (), 0)
    assert not (base / "none").exists()


@pytest.mark.parametrize("act", [rollback, lambda base: withdraw(base, 4, reason="x")])
def test_the_ledger_says_which_bytes_were_taken_away(base: Path, act) -> None:
    digest = content_digest(base / "4")
    act(base)
    assert read_ledger(base)[-1].content_digest == digest
    restore(base, 4)
    assert read_ledger(base)[-1].content_digest == digest


def test_versions_of_other_bytes_are_told_apart(base: Path, tmp_path: Path) -> None:
    publish(make_model(tmp_path / "other", b"others"), base, version=5)
    withdraw(base, 3, reason="x")
    assert read_ledger(base)[-1].content_digest == content_digest(base / "4")
    assert content_digest(base / "5") != content_digest(base / "4")
    assert restore(base, 3).live_after == 5
    assert rollback(base).withdrawn == (5,)
    assert read_ledger(base)[-1].content_digest == content_digest(base / "4")
    restore(base, 5)
    assert read_ledger(base)[-1].content_digest == content_digest(base / "5")


def test_without_a_ledger_the_version_itself_says_which_bytes_it_has(base: Path) -> None:
    digest = "sha256:" + 64 * "a"
    (base / "4" / Provenance.FILE).parent.mkdir(exist_ok=True)
    (base / "4" / Provenance.FILE).write_bytes(Provenance(content_digest=digest).encode())
    (base / LEDGER).unlink()
    withdraw(base, 4, reason="x")
    assert read_ledger(base)[-1].content_digest == digest


def test_of_a_number_that_was_used_twice_the_last_bytes_count(base: Path, tmp_path: Path) -> None:
    publish(make_model(tmp_path / "first", b"first"), base, version=9)
    withdraw(base, 9, reason="x")
    prune(base, 4, withdrawn=True)
    publish(make_model(tmp_path / "second", b"second"), base, version=9)
    digest = content_digest(base / "9")
    withdraw(base, 9, reason="x")
    assert read_ledger(base)[-1].content_digest == digest


@pytest.mark.parametrize(
    ("action", "change"),
    [
        ("rollback", lambda base: rollback(base, 1)),
        ("withdraw", lambda base: withdraw(base, 2, reason="x")),
        ("restore", lambda base: restore(base, 3)),
        ("prune", lambda base: prune(base, 1)),
        ("prune", lambda base: prune(base, 1, withdrawn=True)),
    ],
)
def test_what_was_recorded_and_then_killed_is_not_recorded_again(
    base: Path, monkeypatch: pytest.MonkeyPatch, action: str, change: Callable[[Path], object]
) -> None:
    withdraw(base, 3, reason="x")
    before = len(read_ledger(base))

    def killed(path: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(storage, "remove_file", killed)
        with pytest.raises(KeyboardInterrupt):
            change(base)
    publish(make_model(base.parent / "next"), base, version=9)
    assert [each.action for each in read_ledger(base)[before:]] == [action, "publish"]
    assert numbers(base) == replay(base)


def test_a_copy_that_is_complete_when_its_turn_comes_is_no_leftover(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (base / "7").mkdir()
    (base / "8").mkdir()

    first_turn = withdrawal._change

    def and_then(*arguments: Any, **options: Any) -> Change:
        change = first_turn(*arguments, **options)
        # Another tool had all the time that the turns of others took.
        (base / "7/saved_model.pb").touch()
        return change

    monkeypatch.setattr(withdrawal, "_change", and_then)
    assert prune(base, 1, leftovers=0).leftovers == ("8",)
    assert there(live_version(base)).number == 7


def test_an_entry_that_knows_no_bytes_hides_none(base: Path) -> None:
    digest = content_digest(base / "4")
    record(base, Entry(time=now(), action="restore", version=4, live_after=4))
    withdraw(base, 4, reason="x")
    assert read_ledger(base)[-1].content_digest == digest


@pytest.mark.parametrize(
    "act",
    [
        lambda base: rollback(base, 1, reason="x"),
        lambda base: withdraw(base, 3, reason="x"),
        lambda base: restore(base, 4),
    ],
)
def test_a_change_that_could_not_be_told_is_told_when_it_is_asked_for_again(
    base: Path, act, monkeypatch: pytest.MonkeyPatch
) -> None:
    withdraw(base, 4, reason="x")
    before = len(read_ledger(base))
    with monkeypatch.context() as full:
        full.setattr("serving.base_path.ledger.record", no_space)
        done = act(base)
    assert len(read_ledger(base)) == before
    assert act(base) == done
    assert len(read_ledger(base)) == before + 1
    assert numbers(base) == replay(base)


@pytest.mark.parametrize(
    ("untold", "act", "live"),
    [
        (lambda base: withdraw(base, 4, reason="x"), rollback, 2),
        (rollback, lambda base: rollback(base, 1), 1),
        (rollback, lambda base: withdraw(base, 3, reason="x"), 2),
        (rollback, lambda base: prune(base, 1), 3),
    ],
)
def test_another_change_than_the_one_that_could_not_be_told_is_made(
    base: Path, untold, act, live: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr("serving.base_path.ledger.record", no_space)
        untold(base)
    assert act(base).live_after == live
    assert there(live_version(base)).number == live
    assert numbers(base) == replay(base)


def no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_withdrawn_number_is_not_published_again(base: Path, tmp_path: Path) -> None:
    withdraw(base, 4, reason="x")
    with pytest.raises(OSError, match="already has a version 4"):
        publish(tmp_path / "model", base, version=4)


class TestRefused:
    def test_what_would_leave_nothing_live(self, base: Path) -> None:
        prune(base, 1)
        with pytest.raises(ChangeError, match="have nothing to serve"):
            withdraw(base, 4, reason="x")
        assert withdraw(base, 4, reason="x", leave_nothing=True).live_after is None

    @pytest.mark.parametrize(
        ("act", "message"),
        [
            (lambda base: withdraw(base, 9, reason="x"), "holds no version 9; it holds 1, 2, 3, 4"),
            (lambda base: rollback(base, 4), "is live already"),
            (lambda base: restore(base, 3), "nothing to restore"),
            (lambda base: restore(base, 9), "no withdrawn version 9"),
            (lambda base: prune(base, 0), "cannot be pruned"),
            (lambda base: rollback(base / "none"), "no older version"),
        ],
    )
    def test_in_one_sentence(self, base: Path, act, message: str) -> None:
        with pytest.raises(ChangeError, match=message):
            act(base)

    def test_a_withdrawn_version_that_was_changed(self, base: Path) -> None:
        withdraw(base, 4, reason="x")
        (base / ".withdrawn-4/saved_model.pb").write_bytes(b"other")
        with pytest.raises(ChangeError, match="was changed since it was published"):
            restore(base, 4)
        assert there(live_version(base)).number == 3


class AnySequence(RuleBasedStateMachine):
    """Whatever is done in whatever order, refused or not."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.model, self.base = make_model(self.folder / "model"), self.folder / "base"
        self.digest = content_digest(self.model)
        self.everything: set[int] = set()

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @rule(number=st.integers(1, 6))
    def publish(self, number: int) -> None:
        self.attempt(
            lambda: self.everything.add(publish(self.model, self.base, version=number).number)
        )

    @rule(to=st.none() | st.integers(1, 6))
    def roll_back(self, to: int | None) -> None:
        self.attempt(lambda: rollback(self.base, to))

    @rule(number=st.integers(1, 6))
    def withdraw(self, number: int) -> None:
        self.attempt(lambda: withdraw(self.base, number, reason="x"))

    @rule(number=st.integers(1, 6))
    def restore(self, number: int) -> None:
        self.attempt(lambda: restore(self.base, number))

    @rule(keep=st.integers(1, 3), withdrawn=st.booleans())
    def prune(self, keep: int, withdrawn: bool) -> None:
        if self.base.exists():
            change = prune(self.base, keep, withdrawn=withdrawn)
            self.everything -= set(change.pruned)

    def attempt(self, act) -> None:
        before = numbers(self.base)
        try:
            act()
        except OSError:
            assert numbers(self.base) == before

    @invariant()
    def holds(self) -> None:
        versions, withdrawn = numbers(self.base)
        assert {*versions, *withdrawn} == self.everything
        assert (versions, withdrawn) == replay(self.base)
        assert bool(versions) == bool(self.everything)
        for version in (*list_versions(self.base), *list_withdrawn(self.base)):
            assert content_digest(version.path) == self.digest


TestAnySequence = pytest.mark.medium(AnySequence.TestCase)
TestAnySequence.settings = settings(max_examples=20, stateful_step_count=12, deadline=None)


DIE_AT_STEP = """
import os, signal, sys
from serving.base_path.versions import publish
from serving.base_path.withdrawal import prune, restore, rollback, withdraw

model, folder, action = sys.argv[1:]
STEPS = {"open", "os.rename", "os.listdir", "os.scandir", "os.rmdir", "os.remove"}
ACTS = {
    "rollback": lambda base: rollback(base, 1),
    "withdraw": lambda base: withdraw(base, 3, reason="x"),
    "restore": lambda base: restore(base, 4),
    "prune": lambda base: prune(base, 1),
}
for step in range(200):
    base = os.path.join(folder, f"base-{step}")
    for number in (1, 2, 3, 4):
        publish(model, base, version=number)
    withdraw(base, 4, reason="x")
    child = os.fork()
    if child == 0:
        left = step
        def count(event, args):
            global left
            if event in STEPS and args and base in str(args[0]):
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(count)
        ACTS[action](base)
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("action", "again", "live"),
    [
        ("rollback", lambda base: rollback(base, 1), {3, 1}),
        # As a rollback of one version.
        pytest.param(
            *("withdraw", lambda base: withdraw(base, 3, reason="x"), {3, 2}),
            marks=pytest.mark.extended,
        ),
        ("restore", lambda base: restore(base, 4), {3, 4}),
        ("prune", lambda base: prune(base, 1), {3}),
    ],
)
def test_killed_at_every_step_a_change_is_made_or_not_and_done_again_completes(
    tmp_path: Path, action: Action, again, live: set[int]
) -> None:
    model = make_model(tmp_path / "model")
    subprocess.run(
        [sys.executable, "-c", DIE_AT_STEP, str(model), str(tmp_path), action],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        check=True,
    )
    bases = sorted(tmp_path.glob("base-*"))
    assert len(bases) > 8
    ends = set()
    for base in bases:
        assert there(live_version(base)).number in live
        # Refused where it was killed with nothing left to do but to forget its journal.
        with contextlib.suppress(ChangeError):
            again(base)
        assert numbers(base) == replay(base)
        assert [entry.action for entry in read_ledger(base)].count(action) == (
            2 if action == "withdraw" else 1
        )
        ends.add(str(numbers(base)))
    assert len(ends) == 1
