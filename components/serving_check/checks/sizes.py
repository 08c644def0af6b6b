"""Is an example answered the same at every size of batch, at any place, in any company?"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from components.serving_check.checks import asked
from components.serving_check.checks.asked import Asked
from components.serving_check.checks.check import Check
from components.serving_check.options import Options
from components.serving_check.paths import GRPC, ONCE, REST

if TYPE_CHECKING:
    from components.serving_check.pool import Pool
    from components.serving_check.served import Served

NAME = "sizes"
SMALL = range(65)
"""Every one of them is asked for over gRPC, none included."""
LARGE = (65, 100, 128, 200, 256, 512, 1_024, 1_025)
"""Over gRPC: powers of two, round ones, and more than any batching takes."""
CHOSEN = ((257, 1_000), (96, 150, 300, 500), (192, 250, 640))
"""Those of one of these too for each signature in turn: sizes as people choose them."""
BETWEEN = ((66, 99), (129, 255), (257, 511))
"""One of these too for each signature in turn, other ones for each training."""
OVER_REST = (1, 2, 3, 8, 31, 32, 33, 100)
"""Fewer: a model does not know which way a request came. One by one, that is for other checks: each
edge for that of the inputs, examples for those of the first request and of latency."""
ALONE = 48
"""Examples that are asked about one by one, beside all of the edges."""
ALIKE, COLUMNS = 4, 32
"""Examples that are alike, and in how many columns at most."""
SEED = 0


@asked.until_wrong
def measure(served: Served) -> Iterator[Asked]:
    """Asks every signature at every size, each time about other examples."""
    for number, signature in enumerate(served.options.signatures):
        pool = served.pool(signature)
        draw = Draw(pool)
        share = slice(number, None, len(served.options.signatures))
        series = (
            (GRPC, f"batches of {SMALL[0]} to {SMALL[-1]}", map(draw, SMALL)),
            (GRPC, f"batches of {LARGE[0]} to {LARGE[-1]:,}", map(draw, large(pool, number))),
            (GRPC, "one example in other company", company(pool, share)),
            (GRPC, "rows that are alike", alike(pool)),
            (ONCE, "one by one", ([place] for place in alone(pool))),
            (REST, f"batches of {OVER_REST[0]} to {OVER_REST[-1]:,}", map(draw, OVER_REST)),
        )
        for each in series:
            yield asked.ask(served, signature, *each)


class Draw:
    """Draws batches of examples and edges, so that each comes again at other places."""

    def __init__(self, pool: Pool) -> None:
        self._random = np.random.default_rng(SEED)
        self._count = pool.files.start
        self._deck: list[int] = []

    def __call__(self, size: int) -> list[int]:
        """`size` places, none twice as long as there are others."""
        while len(self._deck) < size:
            self._deck += self._random.permutation(self._count).tolist()
        drawn, self._deck = self._deck[:size], self._deck[size:]
        return drawn


def large(pool: Pool, number: int) -> list[int]:
    """LARGE, and for the signature of that number some that people choose, and one between."""
    random = np.random.default_rng(zlib.crc32(pool.probabilities.tobytes()))
    low, high = BETWEEN[number % len(BETWEEN)]
    chosen = CHOSEN[number % len(CHOSEN)]
    return sorted([*LARGE, *chosen, int(random.integers(low, high + 1))])


def alone(pool: Pool) -> list[int]:
    """Examples from everywhere, and all edges."""
    step = max(1, len(pool.real) // ALONE)
    return [*pool.real[::step][:ALONE], *pool.edges]


def company(pool: Pool, share: slice = slice(None)) -> Iterator[list[int]]:
    """The same example first, in the middle and last, beside its like, edges and its own double,
    which stands among others too; of the edges a share beside nothing but their doubles, as there
    is another signature for the others."""
    last = len(pool.real) - 1
    edges = list(pool.edges) or [last]
    for one, others in ((0, edges), (last // 2, list(pool.real[:7])), (last, edges[::-1])):
        middle = len(others) // 2
        yield [one, *others]
        yield [*others, one]
        yield [*others[:middle], one, one, *others[middle:]]
        for times in (2, 3, 16, 33):
            yield [one] * times
    yield edges
    yield edges[::-1]
    for edge in edges[share]:
        yield [edge] * 4


def alike(pool: Pool) -> Iterator[list[int]]:
    """The first and the last few of the examples in the order of each column, as somebody asks who
    has a sorted table: what is the same in all of a batch may not count."""
    for name in (pool.inputs.dtype.names or ())[:COLUMNS]:
        order = np.argsort(pool.inputs[name][pool.real.start : pool.real.stop], kind="stable")
        yield order[:ALIKE].tolist()
        yield order[-ALIKE:].tolist()


def judge(found: Sequence[Asked], options: Options) -> list[Check]:
    """Passes when an example has its answer whatever it is asked with."""
    return asked.judge(
        NAME,
        f"the same answers alone, in batches of 0 to {LARGE[-1]:,}, at any place, in any company",
        found,
    )
