"""Do edge inputs get finite numbers or a clean refusal, and the next client a right answer?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from components.serving_check.checks import asked
from components.serving_check.checks.asked import Asked
from components.serving_check.checks.check import Check
from components.serving_check.odd_inputs import deeper, in_company, odd_inputs, send_odd
from components.serving_check.options import Options
from components.serving_check.paths import ONCE

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "inputs"


@asked.until_wrong
def measure(served: Served) -> Iterator[Asked]:
    """Asks about each edge alone, and sends in between what nobody knows the answer to.

    Of edges that were asked about alone before, over gRPC, the answers are there. REST reads what
    one signature takes as it reads it for another that takes the same.
    """
    read = set()
    for signature, expected in served.options.signatures.items():
        edges = served.pool(signature).edges
        if edges:
            yield asked.ask(served, signature, ONCE, "each edge alone", [[edge] for edge in edges])
        odd = list(odd_inputs(expected, served.reference, served.options))
        is_new = expected.feed not in read
        read.add(expected.feed)
        yield from send_odd(
            served, signature, "no or strange values", odd, after=edges, over_rest=is_new
        )
        good = served.pool(signature).inputs[:1]
        beside = [*in_company(odd, good), *deeper(expected, served.reference, good)]
        if beside:
            said = "the same beside what is good"
            yield from send_odd(served, signature, said, beside, over_rest=False)


def judge(found: Sequence[Asked], options: Options) -> list[Check]:
    """Passes when every legal input has its answer and all else a number or a clean 400."""
    return asked.judge(
        NAME, "right answers at the edges, finite numbers or a clean 400 beyond them", found
    )
