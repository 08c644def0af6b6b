"""Does the served model answer as the trained model did in Python?"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pydantic
from numpy.typing import NDArray

from components.serving_check.answers import AnswerError
from components.serving_check.checks.check import Check
from components.serving_check.options import Options
from components.serving_check.paths import ONCE, REST, Path
from components.serving_check.rules import Expected, same_best
from documents.terminal.counted import counted

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "parity"
WORST_LISTED = 3
"""How many examples a report lists for each signature."""
BATCH = 128
POINTS = 200
"""How many examples a report's plot shows of each signature."""
OVER_GRPC = " over gRPC"

# An infinite ratio has no number in JSON.
_JSON = pydantic.ConfigDict(ser_json_inf_nan="strings")


@dataclasses.dataclass(frozen=True)
class Difference:
    """The worst element of one example's answer."""

    __pydantic_config__ = _JSON

    example: int
    """Index into the reference examples."""
    element: int
    """Index into the answer, e.g. the label."""
    reference: float
    served: float
    ratio: float
    """Difference over tolerance; more than 1 fails, infinite when an answer is not a number."""


@dataclasses.dataclass(frozen=True)
class Parity:
    """How one signature's answers differ from the reference."""

    __pydantic_config__ = _JSON

    signature: str
    """Its name, and ` over gRPC` where it was not asked over REST."""
    worst: tuple[Difference, ...]
    """The examples that differ most, worst first."""
    ratios: tuple[float, ...]
    """Difference over tolerance of each example's worst element."""
    disagreements: tuple[int, ...]
    """Examples whose greatest element is another one, ties within the tolerance aside."""
    points: tuple[tuple[float, float], ...] = ()
    """The trained model's greatest element and the same one as it was served, of some examples."""


def measure(served: Served) -> tuple[Parity, ...]:
    """Sends all reference examples through every expected signature, over REST and gRPC."""
    reference = served.reference.probabilities
    return tuple(
        compare(f"{name}{protocol}", reference, _asked(served, name, way), served.options)
        for protocol, way in (("", REST), (OVER_GRPC, ONCE))
        for name in served.options.signatures
    )


def _asked(served: Served, signature: str, way: Path) -> NDArray[np.float32]:
    count = len(served.pool(signature).real)
    answers = []
    for start in range(0, count, BATCH):
        outputs = way.ask(served, signature, range(start, min(start + BATCH, count)))
        if served.options.output not in outputs:
            raise AnswerError(f"an answer of {signature} without {served.options.output}")
        answers.append(outputs[served.options.output])
    if len({values.shape[1:] for values in answers}) > 1 or not answers[0].ndim:
        raise AnswerError(f"answers of {signature} that differ in shape")
    return np.concatenate(answers)


def compare(
    signature: str,
    reference: NDArray[np.float32],
    answers: NDArray[np.float32],
    options: Options,
) -> Parity:
    """Holds answers [n, k] against the reference [n, k], element by element.

    Raises:
      AnswerError: the shapes differ.
    """
    if answers.ndim == 1 and reference.shape[1] == 1:
        answers = answers[:, None]  # A number for each row.
    if answers.shape != reference.shape:
        raise AnswerError(
            f"{signature} answers {options.output} of shape {list(answers.shape)} instead of "
            f"{list(reference.shape)}"
        )
    wanted = reference.astype(np.float64)
    expected = Expected(wanted, None, options.parity)
    ratio = expected.ratio(answers, wanted)
    elements = ratio.argmax(axis=1)
    ratios = ratio.max(axis=1)
    worst = np.argsort(-ratios, kind="stable")[:WORST_LISTED]
    return Parity(
        signature=signature,
        worst=tuple(
            Difference(
                example=int(example),
                element=int(elements[example]),
                reference=float(reference[example, elements[example]]),
                served=float(answers[example, elements[example]]),
                ratio=float(ratios[example]),
            )
            for example in worst
        ),
        ratios=tuple(float(f"{value:.3g}") for value in ratios),
        points=_points(reference, answers),
        disagreements=tuple(np.flatnonzero(~same_best(answers, expected)).tolist()),
    )


def _points(
    reference: NDArray[np.float32], answers: NDArray[np.float32]
) -> tuple[tuple[float, float], ...]:
    """Of POINTS examples at most, evenly taken; what is not finite has no place in a plot."""
    chosen = np.unique(np.linspace(0, len(reference) - 1, POINTS).astype(int))
    greatest = reference[chosen].argmax(axis=1)
    pairs = zip(reference[chosen, greatest], answers[chosen, greatest], strict=True)
    return tuple(
        (round(float(a), 5), round(float(b), 5))
        for a, b in pairs
        if np.isfinite(a) and np.isfinite(b)
    )


def judge(parities: Sequence[Parity], options: Options) -> list[Check]:
    """Passes when every element is within tolerance, every argmax equal, on enough examples."""
    compared = min(len(parity.ratios) for parity in parities)
    enough = compared >= options.parity_examples
    worst = max(parities, key=lambda parity: parity.worst[0].ratio)
    disagreeing = [parity for parity in parities if parity.disagreements]
    found = _describe(worst, compared)
    if disagreeing:
        first = disagreeing[0]
        found += (
            f", and another argmax for {counted(len(first.disagreements), 'example')} of "
            f"{first.signature}, "
            f"the first one example {first.disagreements[0]}"
        )
    return [
        Check(
            NAME,
            ok=enough and worst.worst[0].ratio <= 1 and not disagreeing,
            expected=(
                f"differences ≤ {options.parity} and the same argmax on at least "
                f"{counted(options.parity_examples, 'example')}"
            ),
            found=found,
        )
    ]


def _describe(parity: Parity, compared: int) -> str:
    worst = parity.worst[0]
    difference = abs(worst.served - worst.reference)
    return (
        f"differences up to {difference:.2g} = {worst.ratio:.2g} × tolerance "
        f"({parity.signature}, example {worst.example}) on {counted(compared, 'example')}"
    )
