"""What stands for nothing in a column."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from documents.cells import dates
from pipeline.init.columns import missing

MADE = random.Random(0)
AGES = [str(MADE.randrange(18, 90)) for _ in range(300)]
DAYS = [str(MADE.randrange(1, 28)) for _ in range(30)]
MONEY = [f"{MADE.uniform(500, 3_000):.2f}" for _ in range(300)]
GROWTH = [f"{MADE.gauss(0, 300):.1f}" for _ in range(300)]
STARS = [str(MADE.randrange(1, 6)) for _ in range(300)]


def found(cells: list[str]) -> dict[float, int]:
    numbers = [float(cell) for cell in cells]
    return missing.numbers(Counter(cells), str, (min(numbers), max(numbers)))


@pytest.mark.parametrize(
    ("cells", "nothing"),
    [
        ([*AGES, *["999"] * 9], {999: 9}),
        ([*AGES, *["-1000000"] * 9], {-1_000_000: 9}),
        ([*DAYS, *["999"] * 900], {999: 900}),
        ([*MONEY, *["-999.00"] * 5, *["-999"] * 4], {-999: 9}),
        ([*MONEY, *["-99.9"] * 9, *["99999"] * 9], {-99.9: 9, 99_999: 9}),
        ([*GROWTH, *["-9999"] * 9], {-9_999: 9}),
        ([*STARS, *["97", "98", "99"] * 9], {97: 9, 98: 9, 99: 9}),
        ([*AGES, *["999", "9999"] * 9], {999: 9, 9999: 9}),
        ([*AGES, *["-999", "-9999", "999"] * 9], {999: 9, -999: 9, -9999: 9}),
        ([*map(str, range(33, 67)), *["99"] * 9], {99: 9}),
        ([*map(str, range(32, 67)), *["99"] * 9], {}),
        ([*AGES * 7, *["999"] * 4], {}),
        ([*AGES * 7, *["999"] * 5], {999: 5}),
        (AGES, {}),
        ([*AGES, "999", "999"], {}),
        ([*AGES, *["99"] * 9], {}),
        ([*AGES, *["-1"] * 9], {}),
        ([*AGES, *["150"] * 9], {}),
        ([*MONEY, *["0"] * 99], {}),
        ([*GROWTH, *["-999"] * 9], {}),
        (["0", "999"] * 99, {}),
        ([], {}),
    ],
)
def test_numbers_that_come_again_far_from_all_others(
    cells: list[str], nothing: dict[float, int]
) -> None:
    assert (found(cells) if cells else missing.numbers(Counter(), str, ())) == nothing


def test_a_number_beyond_those_that_were_counted_is_no_end() -> None:
    counts = Counter([*AGES, *["999"] * 9])
    assert missing.numbers(counts, str, (18.0, 5_000.0)) == {}


YEARS = [f"{year}-05-17" for year in range(2010, 2026)]
BIRTHS = [f"{year}-05-17" for year in range(1925, 2011)]


@pytest.mark.parametrize(
    ("cells", "nothing"),
    [
        ([*YEARS, *["9999-12-31"] * 200], ["9999-12-31"]),
        ([*YEARS, *["1900-01-01"] * 4, *["2099-12-31"] * 4], ["1900-01-01", "2099-12-31"]),
        ([*YEARS, *["1970-01-01 00:00"] * 3], ["1970-01-01 00:00"]),
        *(
            ([*YEARS, *[day] * 3], [day])
            for day in (
                *("0001-01-01", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31"),
                *("1900-01-01", "1970-01-01", "2099-01-01"),
            )
        ),
        ([*YEARS, *["2098-12-31"] * 3], []),
        ([*YEARS, "9999-12-31", "9999-12-31"], []),
        ([*YEARS, *["1901-01-01"] * 9], []),
        ([*BIRTHS, *["1900-01-01"] * 9], []),
        ([*BIRTHS, *["1970-01-01"] * 9], []),
        (["9999-12-31"] * 9, []),
        ([], []),
    ],
)
def test_days_that_come_again_far_from_all_others(cells: list[str], nothing: list[str]) -> None:
    assert sorted(missing.days(Counter(cells), dates.moment)) == nothing


@pytest.mark.parametrize(
    ("bad", "nothing"),
    [
        ({"unknown": 1, "K.A.": 70}, ["unknown", "K.A."]),
        ({"00.00.0000": 2, "0000-00-00 00:00:00": 1}, ["00.00.0000", "0000-00-00 00:00:00"]),
        ({"not weighed": 3}, ["not weighed"]),
        ({"not weighed": 2}, []),
        ({"free": 30}, []),
        ({"a": 3, "b": 3, "c": 3, "d": 3}, []),
        ({"12 kg": 5, "?": 1, "未知": 4}, ["未知"]),
    ],
)
def test_words_for_nothing_are_known_or_come_again(bad: dict[str, int], nothing: list[str]) -> None:
    assert [*missing.words(bad, 100)] == nothing
