"""How often is the served model right on the test split? A figure, not a gate."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from components.serving_check.checks.check import Check
from components.serving_check.options import Options

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "accuracy"


@dataclasses.dataclass(frozen=True)
class Accuracy:
    """Share of test examples whose greatest output is the right label."""

    value: float
    examples: int


def measure(served: Served) -> Accuracy | None:
    """Sends the test split through the signature that takes tf.Examples; None without either."""
    signatures = [
        name for name, signature in served.options.signatures.items() if signature.feed == "example"
    ]
    right = count = 0
    for batch in served.test_batches() if signatures else ():
        answers = served.probabilities(signatures[0], batch)
        right += int(np.count_nonzero(answers.argmax(axis=1) == served.labels(batch)))
        count += len(batch)
    return Accuracy(right / count, count) if count else None


def judge(accuracy: Accuracy | None, options: Options) -> list[Check]:
    """No row: whether the accuracy is enough is the Evaluator's question."""
    return []
