"""Does a model that is asked again and again go on answering the same?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from components.serving_check.checks import asked, graph
from components.serving_check.checks.asked import Asked
from components.serving_check.checks.check import Check
from components.serving_check.checks.sizes import Draw
from components.serving_check.options import Options
from components.serving_check.paths import GRPC, REST

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "steady answers"
REQUESTS = 100
"""Of each kind: the same one over and over, where chance shows, and small batches that are never
the same, where memory of former ones shows."""
REQUESTS_WITHOUT_CHANCE = 20
"""Enough where the graph has neither."""


@asked.until_wrong
def measure(served: Served) -> Iterator[Asked]:
    """Asks every signature the same thing many times, and many things in turn."""
    count = REQUESTS if graph.measure(served).chance else REQUESTS_WITHOUT_CHANCE
    for signature in served.options.signatures:
        draw = Draw(served.pool(signature))
        again = [[0]] * count
        changing = [draw(1 + number % 3) for number in range(count)]
        yield asked.ask(served, signature, REST, "one request over and over", again)
        yield asked.ask(served, signature, GRPC, "other examples each time", changing)


def judge(found: Sequence[Asked], options: Options) -> list[Check]:
    """Passes when neither chance nor memory shows in the answers."""
    return asked.judge(NAME, "the same answers again and again, whatever was asked before", found)
