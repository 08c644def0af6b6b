"""Values by chance that leave no range out."""

from __future__ import annotations

import numpy as np
import pytest

from models.declaration import Declaration
from models.features.kind import Value
from models.reference.spread_values import spread_values

FEATURES = {
    "fare": {"kind": "number"},
    "company": {"kind": "category"},
    "start": {"kind": "date"},
    "remarks": {"kind": "text"},
}
KINDS = Declaration.model_validate(
    {"features": FEATURES, "label": {"name": "y", "kind": "number"}}
).used
VALUES: dict[str, list[Value]] = {
    "fare": [float(fare) for fare in range(5, 20)],
    "company": [b"Red", "Grün".encode()],
    "start": [b"2026-02-03T04:05:06"],
    "remarks": [b"a good ride", b"not at all"],
}


@pytest.mark.parametrize("name", KINDS)
def test_there_are_as_many_as_were_asked_for_and_in_order(name):
    kind = KINDS[name]
    found = spread_values(kind, VALUES[name], 50, np.random.default_rng(0))
    assert len(found) == 50
    assert found == sorted(found, key=kind.order)
    assert len({*found}) > 30
    assert found != spread_values(kind, VALUES[name], 50, np.random.default_rng(1))


@pytest.mark.medium
def test_a_range_as_likely_as_one_value_is_hardly_ever_left_out():
    kind, values = KINDS["fare"], VALUES["fare"]
    fares = [float(of) for of in spread_values(kind, values, 2_000, np.random.default_rng(0))]
    left_out = 0
    for seed in range(40):
        drawn = spread_values(kind, values, 100, np.random.default_rng(seed + 1))
        found = np.array([float(of) for of in drawn])
        for low, high in zip(fares[::40][:-1], fares[::40][1:], strict=True):
            left_out += not ((found >= low) & (found <= high)).any()
    # Each holds two of a hundred. By chance alone one of seven is left out.
    assert left_out < 0.03 * 40 * 49


def test_of_nothing_nothing_is_drawn():
    assert spread_values(KINDS["fare"], [], 9, np.random.default_rng(0)) == []
    assert spread_values(KINDS["fare"], [1.0], 0, np.random.default_rng(0)) == []
