"""No test begins after a time: a plugin for pytest, `make test-extended` uses it.

For who has ten minutes, and for CI on a slow machine. A test that has begun goes on to its end.
Files come in an order that chance makes, so that what comes too late is not always the same.
"""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from documents.terminal.option_types import duration_option
from tools.shared_value import SharedValue

_END = SharedValue["float | None"]("end_of_time")
"""In seconds since 1970; None where there is none."""
_OVER = "its time was over before it began"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--minutes`, for all tests together."""
    parser.addoption(
        "--minutes", type=duration_option, help="no test begins after so many; all do without it"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Reads the clock."""
    minutes = config.option.minutes
    _END.settle(config, lambda: None if minutes is None else time.time() + minutes * 60)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Has files change places, where not all of them may have their turn."""
    end = _END.of(config)
    if end is not None:
        # All processes know it, and have to have one order.
        chance = random.Random(end)
        places = {path: chance.random() for path in dict.fromkeys(item.path for item in items)}
        items.sort(key=lambda item: places[item.path])


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what comes too late, before its fixtures are made."""
    end = _END.of(item.config)
    if end is not None and time.time() >= end:
        pytest.skip(_OVER)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says how many tests were not tried, so that nobody takes them for passed."""
    late = sum(_is_late(report) for report in terminalreporter.stats.get("skipped", ()))
    if late:
        terminalreporter.line(
            f"NOT TRIED: {late} tests, as the time was over; give more --minutes.", red=True
        )


def _is_late(report: pytest.TestReport) -> bool:
    return isinstance(report.longrepr, tuple) and _OVER in report.longrepr[2]
