"""Tests in an order that chance makes: a plugin for pytest, `make test-any-order` uses it.

Files change places, and tests within their file, so that a fixture of a module is still made once.
A test that fails here and not in its usual place lives on what another one left behind.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

import pytest

from tools.shared_value import SharedValue

T = TypeVar("T")
_HIGHEST = 9_999
_SEED = SharedValue[int]("seed_of_order")


def shuffled(items: Sequence[T], place: Callable[[T], Hashable], seed: int) -> list[T]:
    """Items of one place stay together; the same seed makes the same order. Pure."""
    places: dict[Hashable, list[T]] = {}
    for item in items:
        places.setdefault(place(item), []).append(item)
    chance = random.Random(seed)
    groups = list(places.values())
    chance.shuffle(groups)
    for group in groups:
        chance.shuffle(group)
    return [item for group in groups for item in group]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--seed`, to have an order again."""
    parser.addoption("--seed", type=int, help="the order of an earlier run; another one without it")


def pytest_configure(config: pytest.Config) -> None:
    """Draws a seed where none is given."""
    given = config.option.seed
    _SEED.settle(
        config,
        lambda: random.SystemRandom().randint(1, _HIGHEST) if given is None else given,
    )


def pytest_report_header(config: pytest.Config) -> str:
    """How to have this order again."""
    return f'any order: ARGS="--seed {_SEED.of(config)}" makes this one again'


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The same where the header was left out, below what failed."""
    terminalreporter.line(pytest_report_header(config))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts the tests into their order, before pytest groups those with the same parameters."""
    items[:] = shuffled(items, lambda item: item.path, _SEED.of(config))
