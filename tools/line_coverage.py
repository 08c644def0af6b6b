"""Which lines the tests run, told of each room: a plugin for pytest, `make coverage` uses it.

Python 3.12 and newer tell of a line once and then forget it, so that this costs next to nothing;
older ones cannot, and the compat lane is not measured. What a test starts as another process
counts for nothing, so that the shares are lower than the truth.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
FLOORS = {
    "documents": 0.90,
    "inspection": 0.94,
    "serving": 0.77,
    "pipeline": 0.82,
    "components": 0.77,
    "models": 0.76,
    "tools": 0.62,
}
"""The share of lines that the fast tests of a room run at least: what was reached, less two or
three of a hundred, as hypothesis draws other values each time and machines lack other things.

Slow tests and other processes run most of the rest: model servers, training, set-up.
"""
_WORKER_OUTPUT = "lines_run"


@dataclasses.dataclass(frozen=True)
class Share:
    """Lines of a room."""

    run: int
    all: int

    @property
    def part(self) -> float:
        """From 0 to 1; of nothing all was run."""
        return self.run / self.all if self.all else 1.0


def lines_of(source: Path) -> frozenset[int]:
    """The numbers of the lines of a file that Python can run."""
    return frozenset(_lines(compile(source.read_bytes(), str(source), "exec")))


def _lines(code: CodeType) -> Iterator[int]:
    yield from (line for _, _, line in code.co_lines() if line)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _lines(constant)


def shares(root: Path, run: Mapping[str, Iterable[int]], rooms: Iterable[str]) -> dict[str, Share]:
    """The share of each room below `root`; `run` has the lines by path from there."""
    counted = {}
    for room in rooms:
        hit = every = 0
        for path in (root / room).rglob("*.py"):
            lines = lines_of(path)
            every += len(lines)
            hit += len(lines & frozenset(run.get(path.relative_to(root).as_posix(), ())))
        counted[room] = Share(hit, every)
    return counted


def below(counted: Mapping[str, Share], floors: Mapping[str, float]) -> list[str]:
    """A sentence for each room that is below its floor. Pure."""
    return [
        f"The tests run {share.part:.1%} of the lines of {room}/, less than {floors[room]:.0%}:"
        f" write tests for what is new there (`make coverage ARGS=--missed={room}` lists lines)."
        for room, share in counted.items()
        if share.part < floors.get(room, 0)
    ]


class Lines:
    """Lines that ran, by path from `root`."""

    def __init__(self, root: Path) -> None:
        self.run: dict[str, set[int]] = {}
        self._prefix = f"{root}/"

    def start(self) -> None:
        """Has Python tell of every line that it runs for the first time.

        Raises:
          pytest.UsageError: this Python cannot.
        """
        monitoring: Any = getattr(sys, "monitoring", None)
        if monitoring is None:
            raise pytest.UsageError(
                "lines are counted by Python 3.12 or newer: run `make coverage` on the current"
                " lane, as CONTRIBUTING.md tells"
            )
        tool = monitoring.COVERAGE_ID
        monitoring.use_tool_id(tool, "lines")

        def ran(code: CodeType, line: int) -> Any:
            if code.co_filename.startswith(self._prefix):
                self.add(code.co_filename[len(self._prefix) :], [line])
            return monitoring.DISABLE

        monitoring.register_callback(tool, monitoring.events.LINE, ran)
        monitoring.set_events(tool, monitoring.events.LINE)

    def add(self, path: str, lines: Iterable[int]) -> None:
        """Counts lines of a file in."""
        self.run.setdefault(path, set()).update(lines)


_lines_run = Lines(REPOSITORY)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--missed`, for whoever writes the tests that lack."""
    parser.addoption("--missed", metavar="ROOM", help="list the lines of a room that did not run")


def pytest_configure(config: pytest.Config) -> None:
    """Starts to count, before any room is imported."""
    _lines_run.start()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Adds what a worker of pytest-xdist ran."""
    for path, lines in getattr(node, "workeroutput", {}).get(_WORKER_OUTPUT, {}).items():
        _lines_run.add(path, lines)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Gives a worker's lines to its controller; a room below its floor fails the run."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_WORKER_OUTPUT] = {path: sorted(lines) for path, lines in _lines_run.run.items()}
    elif session.exitstatus == pytest.ExitCode.OK and below(_counted(FLOORS), FLOORS):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """A line for each room, and what is too low."""
    counted = _counted(FLOORS)
    terminalreporter.section("lines that the tests ran")
    for room, share in counted.items():
        found = f"{room:<12} {share.part:>6.1%} of {share.all:>6}"
        terminalreporter.line(f"{found}  at least {FLOORS[room]:.0%}")
    if room := config.getoption("missed"):
        for path in sorted((REPOSITORY / room).rglob("*.py")):
            name = path.relative_to(REPOSITORY).as_posix()
            if missed := sorted(lines_of(path) - _lines_run.run.get(name, set())):
                terminalreporter.line(f"{name}: {', '.join(map(str, missed))}")
    for sentence in below(counted, FLOORS):
        terminalreporter.line(sentence, red=True)


def _counted(rooms: Iterable[str]) -> dict[str, Share]:
    return shares(REPOSITORY, _lines_run.run, rooms)
