"""What is expected of answers that are numbers, of any size."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from components.serving_check.expected import sized
from components.serving_check.options import NodeOptions, Options, OptionsError, parse_options
from components.serving_check.reference import Reference
from components.serving_check.rules import Expected, probabilities
from documents.features import Features
from models.declaration import Declaration
from models.description import describe


def reference(answers: list[float], **label: Any) -> Reference:
    declaration = Declaration.model_validate(
        {"features": {"x": {"kind": "number"}}, "label": {"name": "y", **label}}
    )
    found: Features = describe(declaration)
    values = np.array(answers, np.float32)[:, None]
    return Reference([b""] * len(answers), values, described=found)


@pytest.mark.parametrize(
    ("answers", "right", "wrong"),
    [
        # Rounded as differences of thousands are.
        ([9_000.0, 15_000.0, -7.508], [9_000.0, 15_000.0, -7.507], [9_000.0, 15_000.0, -7.0]),
        ([-3e9, 4e9, 100.0], [-3e9, 4e9, 200.0], [-3e9, 4e9, 1e5]),
        # A few large ones let small ones be what they have to be.
        ([9_000.0, *[5.0] * 99], [9_000.0, *[5.001] * 99], [9_000.0, *[5.01] * 99]),
        ([0.5, -0.5, 0.0], [0.5, -0.5, 9e-6], [0.5, -0.5, 1.1e-5]),
        # All of these are nearer to one another than probabilities have to be.
        ([3e-7, 1e-7, 0.0], [3e-7, 1e-7, 1e-11], [1e-7, 3e-7, 0.0]),
        ([0.0, 0.0, 0.0], [0.0, 0.0, 9e-6], [0.0, 0.0, 1.1e-5]),
        # Longitudes of one town, and a second of a year's: rounded as far from 0 as they are.
        ([-73.98, -73.94, -74.01], [-73.9801, -73.94, -74.01], [-73.979, -73.94, -74.01]),
        ([1.70e9, 1.71e9, 1.73e9], [1.70e9 + 4e3, 1.71e9, 1.73e9], [1.70e9 + 3e4, 1.71e9, 1.73e9]),
        ([4e15, -3e15, 1e9], [4e15, -3e15, 8e9], [4e15, -3e15, 8e10]),
        # All above 0, and no nearer to one another: as ever, what nobody would expect too.
        ([0.35, 0.9, 0.54], [0.35, 0.90008, 0.54], [0.35, 0.9002, 0.54]),
        # Many answers are as few.
        ([-74.0, -73.9, -73.95] * 40, [-74.0, -73.9, -73.95] * 40, [-74.0, -73.9, -73.952] * 40),
    ],
    ids=[
        *("thousands", "milliards", "one large one", "ones", "millionths", "nothing"),
        *("longitudes", "seconds", "as great as money is", "shares", "many longitudes"),
    ],
)
def test_numbers_are_as_near_as_their_size_lets_them_be(
    answers: list[float], right: list[float], wrong: list[float]
) -> None:
    known = reference(answers, kind="number")
    options = sized(NodeOptions(), known)
    expected = Expected(known.probabilities.astype(np.float64), None, options.parity)
    assert probabilities(np.array(right, np.float32), expected) is None
    assert probabilities(np.array(wrong, np.float32), expected) is not None
    # What is held against itself is as it was.
    assert options.consistency == Options().parity


@pytest.mark.parametrize("key", ["magnitude", "around_value", "spread"])
def test_what_the_reference_says_is_no_setting(key: str) -> None:
    with pytest.raises(OptionsError, match=f"Unknown key `serving_check.{key}`"):
        parse_options(json.dumps({key: 1.0}))


def test_probabilities_are_held_as_they_were() -> None:
    known = reference([0.2, 0.1], kind="classes", values=["a", "b"])
    assert sized(NodeOptions(), known) == NodeOptions()
    unknown = Reference([b""], np.array([[1e9]], np.float32))
    assert sized(NodeOptions(), unknown) == NodeOptions()
