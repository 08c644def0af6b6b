"""Whole numbers that are codes or moments."""

from __future__ import annotations

import pytest

from pipeline.init.columns.codes import (
    LONGEST_NUMBER,
    moments,
    moments_by_chance,
    of_unit,
    reason,
)

FIRST, LAST = 946_684_800, 2_208_988_800


@pytest.mark.parametrize(
    ("least", "greatest", "form"),
    [
        (FIRST, LAST, "unix"),
        (FIRST - 1, LAST, None),
        (FIRST, LAST + 1, None),
        (FIRST * 1000, LAST * 1000, "unix_ms"),
        (0, 100, None),
    ],
)
def test_seconds_of_this_century_are_moments(least: float, greatest: float, form: str | None):
    assert moments_by_chance(least, greatest) == form
    for name in ("pickupTime", "created_at", "TS"):
        assert moments(name, least, greatest) == form
    assert moments("fare", least, greatest) is None


@pytest.mark.parametrize(
    ("name", "longest", "different", "filled", "said"),
    [
        ("fare", LONGEST_NUMBER, 5, 9, None),
        (
            "fare",
            LONGEST_NUMBER + 1,
            5,
            9,
            f"whole numbers of {LONGEST_NUMBER + 1} digits, as codes have them",
        ),
        ("companyId", 3, 500, 500, "whole numbers, and a name as codes have it"),
        ("identity", 3, 500, 500, None),
        ("pickup_area", 3, 100, 1000, "100 whole numbers, and a name as codes have it"),
        ("pickup_area", 3, 101, 10_000, None),
        ("pickup_area", 3, 100, 999, None),
        ("pickup_yards", 3, 100, 1000, None),
    ],
)
def test_codes_are_told_by_length_or_name(
    name: str, longest: int, different: int, filled: int, said: str | None
):
    assert reason(name, longest=longest, different=different, filled=filled) == said


@pytest.mark.parametrize(("unit", "longest"), [("X", 9), ("x", 7)])
def test_a_check_digit_is_no_unit(unit: str, longest: int) -> None:
    said = of_unit(unit, longest=longest)
    assert said == f"whole numbers, some with {unit} for a check digit, as codes have it"


@pytest.mark.parametrize("unit", ["xx", "XXX"])
def test_digits_that_nobody_shall_see_are_no_unit(unit: str) -> None:
    said = of_unit(unit, longest=3)
    assert said == f"whole numbers with {unit} for further digits, as codes have it"


@pytest.mark.parametrize(("unit", "longest"), [("X", 2), ("kg", 9), (None, 12)])
def test_other_units_are_those_of_numbers(unit: str | None, longest: int) -> None:
    assert of_unit(unit, longest=longest) is None
