"""What is told of the values of each kind."""

from __future__ import annotations

from documents.features import Seen
from models.features.category.kind import Category
from models.features.date.kind import Date
from models.features.number.kind import Number
from models.features.text.kind import Text


def test_a_hundredth_of_numbers_may_lie_outside() -> None:
    number = Number(kind="number")
    assert number.seen([*map(float, range(100)), 1e9]) == Seen(low=1.0, high=99.0, whole=True)
    assert number.seen([0.5]) == Seen(low=0.5, high=0.5, whole=False)
    assert number.seen([]) is None


def test_categories_stand_by_frequency_and_nobody_stands_alone() -> None:
    values = [b"Blue"] * 3 + [b"Red"] * 5 + [b"Mr. Smith"] * 2 + ["Café".encode()] * 4
    assert Category(kind="category").seen(values) == Seen(values=("Red", "Café", "Blue"))
    assert Category(kind="category").seen([b"a", b"b"]) is None


def test_dates_may_have_no_time_of_day() -> None:
    date = Date(kind="date")
    days = [b"2013-01-02T00:00:00", b"2012-01-01T00:00:00"]
    assert date.seen(days) == Seen(
        low="2012-01-01T00:00:00", high="2013-01-02T00:00:00", whole=True
    )
    found = date.seen([*days, b"2013-01-01T10:00:00"])
    assert found
    assert not found.whole


def test_texts_are_nobodys_business() -> None:
    assert Text(kind="text").seen([b"secret"] * 9) is None
