"""Whose fault it is when a check gets no right answer, and in which order rows come."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import tensorflow as tf

from components.serving_check.answers import AnswerError
from components.serving_check.checks.check import Check
from components.serving_check.checks.latency import Latency, is_far, judge
from components.serving_check.columns import ExampleError
from components.serving_check.control import (
    LiveVersionError,
    MachineError,
    blame_machine_if_it_fails,
)
from components.serving_check.options import Options
from components.serving_check.run_checks import (
    CORRECTNESS,
    CRASH,
    DRILLS,
    PATIENCE,
    SPEED,
    Drill,
    run_checks,
)
from components.serving_check.stopwatch import Lap, Stopwatch
from serving.clients.rest_client import ServingError
from serving.launch import LaunchError, UnavailableError
from tests.fashion_mnist import CHECK_OPTIONS

NOBODY = 2**22 - 1
"""No process has this number."""


def served(**server: Any) -> Any:
    known = {"alive": True, "held": False, "last_line": "", "pid": NOBODY}
    found = SimpleNamespace(server=SimpleNamespace(**{**known, **server}), options=CHECK_OPTIONS)
    found.patient = lambda times: contextlib.nullcontext(found)
    return found


def failing(error: Exception, group: Any = "correctness") -> Drill:
    def measure(_served: Any) -> None:
        raise error

    return Drill("it", measure, lambda found, options: [], group)


def passing(name: str, group: Any) -> Drill:
    def judge(found: Any, options: Options) -> list[Check]:
        return [Check(name, ok=True, expected="", found="")]

    return Drill(name, lambda _served: None, judge, group)


@pytest.fixture
def asked_control(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The problems for which a known model was served, which works; nobody else is busy."""
    problems: list[str] = []
    monkeypatch.setattr(Stopwatch, "lap", lambda self: Lap(40.0))
    monkeypatch.setattr("components.serving_check.run_checks.DEATH_SECONDS", 0.0)
    monkeypatch.setattr(
        "components.serving_check.run_checks.blame_machine_if_it_fails",
        lambda problem, options: problems.append(problem),
    )
    return problems


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (AnswerError("status 500: no"), "status 500: no"),
        (ServingError(400, "bad"), "The model server answered 400: bad"),
        (TypeError("unhashable"), "an answer that nobody can read (unhashable)"),
        (IndexError("axis 1"), "an answer that nobody can read (axis 1)"),
        (ZeroDivisionError("by\nzero"), "an answer that nobody can read (by zero)"),
    ],
)
def test_what_the_candidate_answers_is_a_row_and_the_next_check_follows(error, said):
    checks, _ = run_checks(served(), [failing(error), passing("next", "correctness")])
    assert [(check.ok, check.found) for check in checks] == [(False, said), (True, "")]


def test_an_error_behind_another_one_counts_too():
    error = OSError("no answer")
    error.__cause__ = OSError(errno.EMFILE, "too many open files")
    with pytest.raises(MachineError):
        run_checks(served(), [failing(error)])


@pytest.mark.parametrize(
    "error",
    [
        PermissionError(errno.EACCES, "denied"),
        MemoryError(),
        FileNotFoundError(2, "gone"),
        RuntimeError("can't start new thread"),
        tf.errors.NotFoundError(None, None, "the warm-up file is gone"),
    ],
)
def test_what_is_no_silence_of_a_server_is_no_row(error):
    with pytest.raises(MachineError):
        run_checks(served(), [failing(error)])


def test_a_mistake_of_this_program_is_nobodys_fault():
    with pytest.raises(RuntimeError, match="dictionary changed size"):
        run_checks(served(), [failing(RuntimeError("dictionary changed size"))])


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOMEM, errno.ENOSPC, errno.EADDRNOTAVAIL])
def test_what_the_machine_lacks_is_no_row(number):
    with pytest.raises(MachineError, match="Nobody is refused for that"):
        run_checks(served(), [failing(OSError(number, "lacks"))])


@pytest.mark.parametrize(
    "error", [LaunchError("no port"), ExampleError("x"), MachineError("y"), LiveVersionError("z")]
)
def test_what_says_nothing_about_the_candidate_ends_the_check(error):
    with pytest.raises(type(error)):
        run_checks(served(), [failing(error)])


def test_silence_is_the_candidates_fault_when_a_known_model_is_answered(asked_control):
    checks, _ = run_checks(served(), [failing(TimeoutError("timed out")), passing("n", "speed")])
    assert [check.found for check in checks] == ["no answer (timed out)"]
    assert asked_control == ["no answer (timed out)"]


def test_an_answer_that_others_held_up_is_waited_for_once_more(monkeypatch, asked_control):
    """Whoever is late without them is refused as before."""

    def measured(patience: int, lost: float, error: Exception) -> tuple[list[Check], list[int]]:
        asked = []

        def measure(served: Any) -> None:
            asked.append(served.patience)
            if served.patience < patience:
                raise error

        @contextlib.contextmanager
        def patient(times: int) -> Iterator[Any]:
            yield SimpleNamespace(patience=times, options=CHECK_OPTIONS)

        lap = Lap(40.0, waits=(lost, 1.0), runs=(31.0 - lost, 6.0))
        monkeypatch.setattr(Stopwatch, "lap", lambda self: lap)
        hurried = served()
        hurried.patience, hurried.patient = 1, patient
        drill = dataclasses.replace(passing("sizes", "correctness"), measure=measure)
        return run_checks(hurried, [drill])[0], asked

    late = ConnectionError("504")
    late.__cause__ = ServingError(504, "deadline exceeded")
    for error in (TimeoutError("timed out"), late):
        checks, asked = measured(2, 30.0, error)
        assert ([check.ok for check in checks], asked) == ([True], [1, PATIENCE])
        checks, asked = measured(2, 10.0, error)
        assert ([check.ok for check in checks], asked) == ([False], [1])
        checks, asked = measured(100, 30.0, error)
        assert ([check.ok for check in checks], asked) == ([False], [1, PATIENCE])
    checks, asked = measured(2, 30.0, ConnectionResetError())
    assert ([check.ok for check in checks], asked) == ([False], [1])


def test_a_server_that_did_not_work_at_an_answer_is_asked_once_more(monkeypatch, asked_control):
    """It may have been stopped for a while, and goes on."""
    asked = []

    def measure(_served: Any) -> None:
        asked.append(1)
        if len(asked) <= silent:
            raise TimeoutError("timed out")

    @contextlib.contextmanager
    def patient(times: int) -> Iterator[Any]:
        assert times == 1
        yield still

    monkeypatch.setattr(Stopwatch, "lap", lambda self: Lap(33.0, waits=(0.1, 0.2), runs=(2.0, 1.0)))
    still = served()
    still.patient = patient
    drill = dataclasses.replace(passing("sizes", "correctness"), measure=measure)
    silent = 1
    assert [check.ok for check in run_checks(still, [drill])[0]] == [True]
    asked.clear()
    silent = 2
    assert [check.found for check in run_checks(still, [drill])[0]] == ["no answer (timed out)"]
    assert len(asked) == 2


def test_a_server_that_is_stopped_from_outside_refuses_nobody(asked_control):
    """It is asked once more, as it may go on."""
    asked = []

    @contextlib.contextmanager
    def patient(times: int) -> Iterator[Any]:
        asked.append(times)
        yield stopped

    stopped = served(held=True)
    stopped.patient = patient
    with pytest.raises(MachineError, match=r"was stopped from outside. Nobody is refused"):
        run_checks(stopped, [failing(TimeoutError("timed out"))])
    assert (asked, asked_control) == ([PATIENCE], [])


def test_a_server_that_died_of_its_model_refuses_it(asked_control):
    gone = served(
        alive=False, last_line="the kernel gave up", failure=lambda when: UnavailableError(when)
    )
    checks, _ = run_checks(gone, [failing(ConnectionResetError()), passing("n", "speed")])
    assert [check.found for check in checks] == ["the server died: the kernel gave up"]


@pytest.mark.parametrize("of_this_server", [True, False])
def test_a_crash_that_a_signal_can_have_brought_about_is_noted(asked_control, of_this_server):
    error = UnavailableError("was ended by SIGSEGV")
    gone = served(alive=not of_this_server, failure=lambda when: error)
    drill = failing(ConnectionResetError() if of_this_server else error)
    assert CRASH not in run_checks(gone, [drill])[1]
    error.again = True
    assert run_checks(gone, [drill])[1][CRASH] == "was ended by SIGSEGV"


def test_a_server_that_was_killed_refuses_nobody(asked_control):
    gone = served(alive=False, failure=lambda when: LaunchError(f"killed {when}"))
    with pytest.raises(LaunchError, match="killed while it was asked"):
        run_checks(gone, [failing(ConnectionResetError())])


def test_another_server_that_cannot_load_the_candidate_refuses_it(asked_control):
    checks, _ = run_checks(served(), [failing(UnavailableError("gave up version 2"))])
    assert [check.found for check in checks] == ["gave up version 2"]
    assert asked_control == ["gave up version 2"]


def test_rows_of_correctness_come_first_whatever_runs_first():
    drills = [passing("fast", "speed"), passing("right", "correctness")]
    assert [check.name for check in run_checks(served(), drills)[0]] == ["right", "fast"]


def test_so_slow_a_model_is_asked_nothing_more():
    slow = Latency("serving_default", (400.0,) * 25)
    drill = Drill("latency", lambda _served: slow, judge, "speed", ends=is_far)
    checks, _ = run_checks(served(), [drill, passing("next", "correctness")])
    assert [(check.name, check.ok) for check in checks] == [
        ("latency p50", False),
        ("latency p99", False),
        ("other checks", False),
    ]
    assert "as latency shows" in checks[-1].found


def test_one_that_is_only_too_slow_is_asked_all():
    slow = Latency("serving_default", (1.5 * CHECK_OPTIONS.p50_ms,) * 25)
    drill = Drill("latency", lambda _served: slow, judge, "speed", ends=is_far)
    checks, _ = run_checks(served(), [drill, passing("next", "correctness")])
    assert [check.name for check in checks] == ["next", "latency p50", "latency p99"]


def test_every_drill_is_of_one_group_and_has_a_name_of_its_own():
    assert {*CORRECTNESS, *SPEED} == set(DRILLS)
    assert not {*CORRECTNESS} & {*SPEED}
    assert len({drill.name for drill in DRILLS}) == len(DRILLS)


@pytest.mark.slow
def test_a_known_model_is_served_on_a_machine_that_works():
    blame_machine_if_it_fails("the candidate fell silent", Options(backend="embedded"))


@pytest.mark.slow
def test_a_machine_on_which_no_model_is_served_is_to_blame(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(MachineError, match="could not be finished: it fell silent; and a model"):
        blame_machine_if_it_fails("it fell silent.", Options(backend="embedded"))
