"""Numbers of a later span in another unit."""

from __future__ import annotations

import pytest

from components.baseline.rescaled import rescaled
from documents.features import Feature, Features, Label, Seen


def _described(low: float | str | None, high: float | str | None, kind: str = "number") -> Features:
    feature = Feature(name="weight", kind=kind, seen=Seen(low=low, high=high))
    return Features(features=(feature,), label=Label(name="y", kind="classes"))


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ((48.0, 120.5), (48_000.0, 1_205_000.0), "between 48000 and 1205000, and lay between 48"),
        ((50.0, 99.0), (0.5, 0.99), "between 0.5 and 0.99, and lay between 50 and 99"),
        ((-20.0, -1.0), (-0.02, -0.001), "between -0.02 and -0.001, and lay between -20 and -1"),
    ],
)
def test_another_unit_is_told_with_both(was: tuple, now: tuple, said: str) -> None:
    [told] = rescaled(_described(*was), _described(*now))
    assert told.startswith(f"column weight lies {said}")


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ((50.0, 120.0), (60.0, 900.0)),
        ((2025.0, 2026.0), (2027.0, 2028.0)),
        ((0.0, 0.0), (5.0, 9.0)),
        ((1.0, 9.0), (70.0, 70.0)),
        ((None, None), (5.0, 9.0)),
        (("2025-01-01", "2025-02-01"), ("2026-01-01", "2026-02-01")),
    ],
)
def test_what_overlaps_moves_on_or_is_not_known_is_nothing_to_tell(was: tuple, now: tuple) -> None:
    assert [*rescaled(_described(*was), _described(*now))] == []


def test_so_is_a_label_in_another_unit() -> None:
    def described(low: float) -> Features:
        seen = Seen(low=low, high=9 * low)
        return Features(features=(), label=Label(name="price", kind="number", seen=seen))

    [told] = rescaled(described(20.0), described(2_000.0))
    assert told == "label price lies between 2000 and 18000, and lay between 20 and 180"
    assert not [*rescaled(described(20.0), described(30.0))]


def test_only_columns_that_are_numbers_in_both_are_compared() -> None:
    small, large = _described(1.0, 2.0), _described(1_000.0, 2_000.0)
    assert len([*rescaled(small, large)]) == 1
    assert not [*rescaled(_described(1.0, 2.0, kind="time"), large)]
    unseen = small.features[0].replaced(seen=None)
    assert not [*rescaled(small.replaced(features=(unseen,)), large)]
    assert not [*rescaled(small.replaced(features=()), large)]
