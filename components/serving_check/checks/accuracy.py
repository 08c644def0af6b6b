"""How right is the served model on the test split? A figure, not a gate."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from components.serving_check import feeds
from components.serving_check.answers import AnswerError
from components.serving_check.checks.check import Check
from components.serving_check.columns import tensors
from components.serving_check.options import Options

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "accuracy"
COMPARED = 10


@dataclasses.dataclass(frozen=True)
class Accuracy:
    """Share of test examples whose greatest output is the right label, or with all the right tags
    and no other; of numbers, which are near or far, the share of their variance that is explained,
    R²."""

    value: float
    examples: int
    is_r2: bool = False


def measure(served: Served) -> Accuracy | None:
    """Sends the test split through the signature that takes tf.Examples; None without either, or
    where all numbers are the same.

    Nobody knows the trained model's answers to it. So each answer has to agree with itself, and
    with what another signature says of every COMPARED-th batch.

    Raises:
      AnswerError: one does not.
    """
    signatures = served.options.signatures
    names = [name for name, signature in signatures.items() if signature.feed == "example"]
    direct = ("pixels", "columns")
    others = [name for name, signature in signatures.items() if signature.feed in direct]
    right = count = 0
    numbers: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    for number, batch in enumerate(served.test_batches() if names else ()):
        answers = _answers(served, names[0], batch)
        compared = others and number % COMPARED == 0
        if compared and not served.options.parity.holds(
            answers, _answers(served, others[0], batch)
        ):
            raise AnswerError(f"{names[0]} and {others[0]} differ on test examples {count} and on")
        if answers.ndim < 2:
            numbers.append((answers.astype(np.float64), feeds.numbers(batch, served.options)))
            continue
        right += int(np.count_nonzero(_right(served, answers, batch)))
        count += len(batch)
    if numbers:
        return of_numbers(*map(np.concatenate, zip(*numbers, strict=True)))
    return Accuracy(right / count, count) if count else None


def of_numbers(answers: NDArray[np.float64], wanted: NDArray[np.float64]) -> Accuracy | None:
    """How near they are to what is right; None where all of that is the same."""
    spread = float(np.square(wanted - wanted.mean()).sum())
    if not spread:
        return None
    missed = float(np.square(wanted - answers).sum())
    return Accuracy(1 - missed / spread, len(wanted), is_r2=True)


def _right(
    served: Served, answers: NDArray[np.float32], examples: Sequence[bytes]
) -> NDArray[np.bool_]:
    """Which of the answers [n, k] are."""
    tagging = served.reference.tagging
    if tagging is None:
        return np.asarray(answers.argmax(axis=1) == feeds.labels(examples, served.options))
    likely = answers >= tagging.threshold
    wanted = feeds.tags(examples, served.reference.labels or (), served.options)
    return np.asarray((likely == wanted).all(axis=1))


def _answers(served: Served, signature: str, examples: Sequence[bytes]) -> NDArray[np.float32]:
    """The output of all examples, which nothing is wrong with as far as anybody can tell."""
    expected = served.options.signatures[signature]
    array = feeds.feed_array(expected, examples, served.options)
    outputs = served.grpc_outputs(signature, tensors(expected, array))
    if isinstance(outputs, str):
        raise AnswerError(outputs)
    declared = served.declared(signature)
    if problem := served.judge.inconsistency(signature, outputs, declared, len(examples)):
        raise AnswerError(f"a wrong answer: {problem}")
    return outputs[served.options.output]


def judge(accuracy: Accuracy | None, options: Options) -> list[Check]:
    """No row: whether the accuracy is enough is the Evaluator's question."""
    return []
