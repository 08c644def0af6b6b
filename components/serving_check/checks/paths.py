"""Is the answer the same whichever way a client asks?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from components.serving_check.checks import asked
from components.serving_check.checks.asked import Asked
from components.serving_check.checks.check import Check
from components.serving_check.checks.sizes import Draw
from components.serving_check.options import Options
from components.serving_check.paths import PATHS, paths_to

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "paths"
SIZES = (1, 2, 5, 16, 1)


@asked.until_wrong
def measure(served: Served) -> Iterator[Asked]:
    """Asks every signature on every path, each time about other examples."""
    for signature in served.options.signatures:
        draw = Draw(served.pool(signature))
        for way in paths_to(signature):
            yield asked.ask(served, signature, way, f"batches of {_sizes()}", map(draw, SIZES))


def _sizes() -> str:
    return ", ".join(map(str, sorted(set(SIZES))))


def judge(found: Sequence[Asked], options: Options) -> list[Check]:
    """Passes when REST in rows and columns, gRPC, with and without a version, answer alike."""
    ways = len(PATHS)
    return asked.judge(
        NAME, f"the same answers on {ways} paths: REST rows and columns, gRPC, by version", found
    )
