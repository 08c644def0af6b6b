"""Does every output of every signature follow from what the trained model answers?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from components.serving_check.checks import asked
from components.serving_check.checks.asked import Asked
from components.serving_check.checks.check import Check
from components.serving_check.checks.parity import BATCH
from components.serving_check.options import Options
from components.serving_check.paths import ONCE

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "outputs"
ALONE = 8
"""Examples that signatures which nobody asked for are asked about one by one."""


@asked.until_wrong
def measure(served: Served) -> Iterator[Asked]:
    """Asks every signature about all reference examples, edges and mixtures, in large batches; of
    those that parity had answered over gRPC, all outputs are there."""
    for signature in (*served.options.signatures, *served.further):
        outputs = ", ".join(served.declared(signature))
        batches = _batches(served.pool(signature).files.start)
        if signature in served.further:
            batches += [[place] for place in batches[0][:ALONE]] + [batches[0][:3]]
        yield asked.ask(served, signature, ONCE, f"every output, {outputs}", batches)


def _batches(count: int) -> list[Sequence[int]]:
    return [range(start, min(start + BATCH, count)) for start in range(0, count, BATCH)]


def judge(found: Sequence[Asked], options: Options) -> list[Check]:
    """Passes when labels, scores and all else are what they must be, in type, shape and value."""
    return asked.judge(
        NAME, "every output as the trained model's probabilities and labels have it", found
    )
