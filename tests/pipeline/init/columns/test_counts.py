"""What is counted of the cells of a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pipeline.init.columns import counts
from pipeline.init.columns.counts import Counts


def counted(*batches: Sequence[Any]) -> Counts:
    found = Counts("amount")
    for cells in batches:
        found.add(cells)
    return found


@pytest.fixture
def _three_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "MOST_VALUES", 3)


@pytest.mark.usefixtures("_three_values")
@pytest.mark.parametrize("sign", ["", "x"])
def test_of_many_values_the_first_ones_are_counted_on(sign: str):
    first, second = ([f"{number}.5{sign}" for number in numbers] for numbers in ((1, 2, 3), (3, 4)))
    found = counted(first, first, second)
    assert found.values == {f"1.5{sign}": 2, f"2.5{sign}": 2, f"3.5{sign}": 3}
    assert (found.overflows, found.rows, found.words) == (True, 8, 8)
    assert not counted(first, first).overflows


@pytest.mark.usefixtures("_three_values")
def test_a_unit_comes_late_only_where_all_cells_before_are_known():
    assert counted(["1", "2"], ["3 kg"]).notation.unit == "kg"
    known = counted(["1", "2", "3"], ["4"])
    known.add(["5 kg"])
    assert known.overflows
    assert not known.is_number


def test_plain_numbers_count_as_others_do():
    plain, other = counted(["7.5", "x"][:1], ["12", "7.50"]), counted(["7.5"], ["12"], ["7.50"])
    assert plain.values == other.values
    assert (plain.least, plain.greatest, plain.is_whole) == (7.5, 12, False)
    whole = counted(["7", "1000"], ["20", "3"])
    assert (whole.is_whole, whole.longest) == (True, 4)


def test_cells_may_be_read_with_another_sign_for_decimals():
    found = counted(["1,234", "2,500"])
    assert (found.notation.decimal, found.least, found.is_whole) == (".", 1234, True)
    found.prefer(".")
    assert (found.least, found.is_whole) == (1234, True)
    found.prefer(",")
    assert (found.notation.decimal, found.least, found.greatest) == (",", 1.234, 2.5)
    assert not found.is_whole
    only = counted(["1,5"])
    only.prefer(".")
    assert only.least == 1.5


def test_a_word_for_nothing_may_be_taken_for_a_class():
    found = counted(["None", "NA", "red", None])
    assert (found.missing, found.filled) == (3, 1)
    found.take_classes()
    assert (found.missing, found.values["None"], found.answer("None")) == (2, 1, "None")
    assert found.answer("NA") is None
    numbers = counted(["None", "1"])
    numbers.take_classes()
    assert (numbers.missing, numbers.answer("None")) == (1, None)


def test_lists_are_told_from_what_no_kind_reads():
    found = counted([["a", "b"], ["a", None], None], [[0.5, 2.0], [1.0]])
    assert (found.lists, found.vectors, found.items["a"], found.unreadable) == (4, 1, 2, None)
    assert counted([{"a": 1}]).unreadable == "dict"


def test_signs_that_are_no_letters_are_counted():
    found = counted(["a\nb", "a\tb", "a\0b", "ab"])
    assert (found.of_lines, found.controlled) == (2, 1)


def test_numbers_that_float32_does_not_hold_are_counted():
    found = counted(["1e39", "1e38", "-1e39"])
    assert (found.beyond, found.greatest) == (2, 1e38)
