"""Does a model that is asked again and again go on answering the same?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from components.serving_check.checks import asked
from components.serving_check.checks.asked import Asked
from components.serving_check.checks.check import Check
from components.serving_check.checks.sizes import Draw
from components.serving_check.options import Options
from components.serving_check.paths import GRPC, REST

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "steady answers"
REPEATED = 100
"""The same request over and over: chance shows there."""
CHANGING = 100
"""Small batches that are never the same: memory of former ones shows there."""


@asked.until_wrong
def measure(served: Served) -> Iterator[Asked]:
    """Asks every signature the same thing many times, and many things in turn."""
    for signature in served.options.signatures:
        pool = served.pool(signature)
        draw = Draw(pool)
        again = [[0]] * REPEATED
        changing = [draw(1 + number % 3) for number in range(CHANGING)]
        yield asked.ask(served, signature, REST, "one request over and over", again)
        yield asked.ask(served, signature, GRPC, "other examples each time", changing)


def judge(found: Sequence[Asked], options: Options) -> list[Check]:
    """Passes when neither chance nor memory shows in the answers."""
    return asked.judge(NAME, "the same answers again and again, whatever was asked before", found)
