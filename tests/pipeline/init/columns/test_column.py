"""What is proposed for a column."""

from __future__ import annotations

import datetime
import decimal

import pytest

from pipeline.init.columns.column import Column


def proposed(*cells: str, times: int = 1) -> tuple[dict[str, str], str]:
    column = Column("amount")
    for _ in range(times):
        column.add(cells)
    return column.proposal


@pytest.mark.parametrize(
    ("cells", "settings"),
    [
        (("85,20", "7", "-1,5"), {"decimal": ","}),
        (("7", "85,20"), {"decimal": ","}),
        (("1.234,50", "12,00"), {"decimal": ",", "thousands": "."}),
        (("1,234", "12,345,678"), {"thousands": ","}),
        (("1,234", "1,5"), {"decimal": ","}),
        (("$5.50", "$12"), {"unit": "$"}),
        (("$ 5.50", "$ (12.00)", "$ -"), {"unit": "$"}),
        (("5", "12 %"), {"unit": "%"}),
        (("5 kg", "12 kg"), {"unit": "kg"}),
        (("5.25", "12"), {}),
        (("\u22125.25", "\u201312"), {}),
        (("0E+03", "1e3"), {}),
        (("(5.50)", "12.25"), {"thousands": ","}),
        (('27"', '32"'), {"unit": '"'}),
        (("1,23,456", "12,34,567", "45,678"), {"thousands": ","}),
    ],
)
def test_numbers_however_they_are_written(cells: tuple[str, ...], settings: dict[str, str]) -> None:
    assert proposed(*cells)[0] == {"kind": "number", **settings}


@pytest.mark.parametrize(
    "cells",
    [
        ("Q1", "Q2"),
        ("5 kg", "5 lb"),
        ("1,5", "1.5"),
        ("1", "x"),
        ("<5", "<10"),
        ("=A|1", "=A|2"),
        ('5" disk', '7" disk'),
        ("12.jpg", "13.jpg"),
        ("1,23,4567", "12,345,67"),
        ("20240131", "20241331", "x"),
    ],
)
def test_what_differs_from_row_to_row_is_no_number(cells: tuple[str, ...]) -> None:
    assert proposed(*cells, times=3)[0]["kind"] == "category"


@pytest.mark.parametrize(
    ("cells", "settings"),
    [
        (("TRUE", "FALSE", "TRUE"), {"boolean": True}),
        (("True", "False", ""), {"boolean": True}),
        (("true", "FALSE", "NA"), {"boolean": True}),
        (("True", ""), {"boolean": True}),
        (("TRUE", "FALSE", "maybe"), {}),
        (("Yes", "No", "yes"), {}),
    ],
)
def test_truths_of_a_text_are_such_in_whatever_capitals(
    cells: tuple[str, ...], settings: dict[str, bool]
) -> None:
    assert proposed(*cells, times=9)[0] == {"kind": "category", **settings}


@pytest.mark.medium
@pytest.mark.parametrize(
    ("name", "numbers", "kind"),
    [
        ("__index_level_0__", range(900, 1000), "ignore"),
        ("Unnamed: 0", range(50, 20_000, 3), "ignore"),
        ("rownames", range(900, 1000), "ignore"),
        ("rownames", range(3), "number"),
        ("index", range(900, 1000), "ignore"),
        ("index", [1, 2, 3] * 50, "number"),
        ("Unnamed: 0", ["a", "b"] * 50, "category"),
    ],
)
def test_the_index_of_a_table_is_ignored(name: str, numbers: list[object], kind: str) -> None:
    column = Column(name)
    column.add(numbers)
    assert column.proposal[0]["kind"] == kind


@pytest.mark.parametrize(
    ("cells", "settings"),
    [
        (("20240131", "20241331", "x"), {"whole": True}),
        (("1", "2", "3", "C"), {"whole": True}),
        (("1", "1.0", "U"), {"whole": True}),
        (("250", "250.01", "V22"), {}),
        (("1.0", "1.10", "beta"), {}),
        (("1", "x", "y"), {}),
        (("3rd", "2nd"), {}),
    ],
)
def test_categories_of_whole_numbers_are_the_same_with_a_fraction(
    cells: tuple[str, ...], settings: dict[str, bool]
) -> None:
    assert proposed(*cells, times=3)[0] == {"kind": "category", **settings}


@pytest.mark.parametrize(
    ("cells", "form", "why"),
    [
        (("2024-01-31", "2024-02-01T10:00"), None, "every cell is a date"),
        (("31.01.2024", "1.2.2024"), "%d.%m.%Y", "written %d.%m.%Y"),
        (("01/31/2024", "02/01/2024"), "%m/%d/%Y", "written %m/%d/%Y"),
        (("31/01/2024", "02/01/2024"), "%d/%m/%Y", "written %d/%m/%Y"),
        (("01/02/2024", "03/04/2024"), "%m/%d/%Y", "or %d/%m/%Y, which reads all of them too"),
        (("31.01.2024 10:15", "01.02.2024 09:00"), "%d.%m.%Y %H:%M", "written"),
        (("31-Jan-2024", "01-Feb-2024"), "%d-%b-%Y", "written"),
        (("20240131", "20240201", "19991231"), "%Y%m%d", "written %Y%m%d"),
        (("20240131101500", "20240201235959", "20240201000000"), "%Y%m%d%H%M%S", "written"),
        (("2024-01-31 10:15:00 UTC", "2024-02-01 09:00:00 UTC"), None, "every cell is a date"),
        (("2024.01.31", "2024.2.1"), "%Y.%m.%d", "written"),
        (("31/01/2024 10:15:00.250", "01/02/2024 09:00:00.5"), "%d/%m/%Y %H:%M:%S.%f", "written"),
        (("31 Jan 2024, 10:15", "1 Feb 2024, 09:00"), "%d %b %Y, %H:%M", "written"),
        (("Wed, 31 Jan 2024 10:15:00 GMT",), "%a, %d %b %Y %H:%M:%S %Z", "written"),
        (("Wed, 31 Jan 2024 10:15:00 +0100",), "%a, %d %b %Y %H:%M:%S %z", "written"),
        (("Wed Jan 31 10:15:00 2024",), "%a %b %d %H:%M:%S %Y", "written"),
        (("Wed Jan 31 10:15:00 +0000 2024",), "%a %b %d %H:%M:%S %z %Y", "written"),
        (("31/Jan/2024:10:15:00 +0100",), "%d/%b/%Y:%H:%M:%S %z", "written"),
        (("1/31/2024 1:05 PM", "2/1/2024 11:00 AM"), "%m/%d/%Y %I:%M %p", "written"),
    ],
)
def test_dates_however_they_are_written(cells: tuple[str, ...], form: str | None, why: str) -> None:
    settings, said = proposed(*cells, *[""])
    assert settings == {"kind": "date", **({"format": form} if form else {})}
    assert why in said


NUMBERS = [f"${number}.50" for number in range(150)]


@pytest.mark.medium
@pytest.mark.parametrize(
    ("cells", "kind", "why"),
    [
        ([*NUMBERS, "see note"], "number", "1 of 151 cells are no numbers, such as 'see note'"),
        ([*NUMBERS, *(f"a{i}" for i in "bcdefghij")], "ignore", "9 of 159 cells are no numbers"),
        ([f"{10_000 + i}" for i in range(99)] + ["00501"], "ignore", "different in almost"),
        ([f"K{i}" for i in range(99)] + ["5"], "ignore", "different in almost"),
        ([["red", "big"], ["blue"]], "text", "lists, of which each item is a word"),
        ([[{"a": 1}], [{"a": 2}]], "ignore", "cells such as a list, which no kind reads"),
        ([b"\xff", b"\xfe"], "ignore", "cells such as a bytes, which no kind reads"),
        ([datetime.timedelta(seconds=i) for i in (5, 7)], "number", "every cell is a number"),
        ([[0.25, 1.5], [0.5, 2.0]], "ignore", "lists of numbers; give each place"),
        ([[1, 2], [2, 3]], "text", "lists, of which each item is a word"),
        ([20_240_131, 20_240_201, 20_240_301], "date", "written %Y%m%d"),
        ([20_240_131, 20_240_201, 20_241_301], "number", "every cell is a number"),
        ([datetime.time(i) for i in (5, 7)], "time", "every cell is a time of day"),
        ([decimal.Decimal(i) / 4 for i in (5, 7)], "number", "every cell is a number"),
        ([f"very good film {i}" for i in range(30)], "text", "short texts, hardly two alike"),
        ([f"这个产品非常好{i}" for i in range(30)], "text", "hardly two alike"),
    ],
)
def test_cells_of_any_type(cells: list[object], kind: str, why: str) -> None:
    column = Column("amount")
    column.add(cells)
    settings, said = column.proposal
    assert settings["kind"] == kind
    assert why in said


def test_cells_of_several_lines_are_texts() -> None:
    assert proposed("one\ntwo", "one\nthree", times=3) == (
        {"kind": "text"},
        "cells of several lines",
    )


def test_dates_that_are_written_in_several_ways_are_told() -> None:
    settings, said = proposed("2026-01-31", "01.02.2026", times=3)
    assert settings == {"kind": "category"}
    assert said.endswith("; dates, each written in another way: write all alike for kind date")
    assert "dates" not in proposed("2026-01-31", "soon", times=3)[1]


def test_what_no_row_keeps_counts_towards_the_quarantine() -> None:
    column = Column("amount")
    column.add([*map(str, range(96)), "1e39", "-1e400", "7", "8"])
    assert column.proposal[0] == {"kind": "number"}
    assert (column.beyond, column.bad) == (2, 0.02)
    assert (column.least, column.greatest) == (0, 95)
    column = Column("name")
    column.add(["a", "b\x1b[31m", "b\ud800", "a"])
    assert column.proposal[0] == {"kind": "category"}
    assert (column.controlled, column.bad) == (2, 0.5)


@pytest.mark.parametrize("unit", ["k", "Mio", "B"])
def test_numbers_of_which_some_count_in_thousands_are_no_numbers(unit: str) -> None:
    settings, said = proposed("715", f"1.2{unit}", "0", f"15{unit}")
    assert settings == {"kind": "ignore"}
    assert said == f"numbers, some in {unit} and some not, such as '715': write all alike"
    assert proposed(f"7{unit}", f"1.2{unit}", "0")[0] == {"kind": "number", "unit": unit}
    assert proposed("7", "1.2 kg")[0] == {"kind": "number", "unit": "kg"}


def test_a_column_of_control_characters_takes_no_row_with_it() -> None:
    column = Column("said")
    column.add([f"\x1b[1mword {place % 3}" for place in range(30)])
    assert column.proposal == (
        {"kind": "ignore"},
        "control characters in most cells, which no kind reads: take them away",
    )
    assert column.bad == 0


def test_long_numbers_that_may_count_since_1970_are_told_so() -> None:
    of = Column("s")
    of.add([str(1_600_000_000 + 977 * row) for row in range(60)])
    assert of.proposal[0] == {"kind": "ignore"}
    assert "or {kind: date, format: unix} if it counts since 1970" in of.proposal[1]
    isbn = Column("s")
    isbn.add([str(9_780_000_000_000 + 977 * row) for row in range(60)])
    assert "1970" not in isbn.proposal[1]


def test_short_numbers_are_read_by_every_notation_that_longer_ones_leave() -> None:
    assert proposed("5.5", "100.25", "7", "1,234.5")[0] == {"kind": "number", "thousands": ","}
    assert proposed("5", "100", "1.234", "7,5")[0] == {
        "kind": "number",
        "decimal": ",",
        "thousands": ".",
    }


@pytest.mark.medium
@pytest.mark.parametrize("times", [1, 5])
@pytest.mark.parametrize("words", [("unknown",), ("n/k", "n/k", "n/k"), ("00000000",)])
def test_words_among_dates_without_signs_leave_them_dates(words: tuple[str, ...], times: int):
    first = datetime.date(2020, 1, 1)
    days = [f"{first + datetime.timedelta(days=day):%Y%m%d}" for day in range(200 // times)]
    settings = {"kind": "date", "format": "%Y%m%d"}
    assert proposed(*days, times=times)[0] == settings
    assert proposed(*days * times, *words)[0] == {**settings, "missing": [words[0]]}
    numbers = [str(20_000 + number) for number in range(100)]
    assert proposed(*numbers, *numbers, *words)[0]["kind"] != "date"


def test_a_number_for_nothing_keeps_its_fraction():
    cells = ("1.5", "2.5", "3.25") * 30
    assert proposed(*cells, *["-999.9"] * 5)[0] == {"kind": "number", "missing": [-999.9]}
    assert proposed(*cells, *["-999"] * 5)[0] == {"kind": "number", "missing": [-999]}


@pytest.mark.parametrize(
    ("cells", "otherwise"),
    [
        (["kg", *map(str, range(99))], True),
        (["kg", *map(str, range(98)), "lb"], False),
        (["1", *map(str, range(98)), "kg"], False),
        (["", "kg", *map(str, range(98))], False),
        (["kg", *map(str, range(19))], False),
    ],
)
def test_a_first_row_of_units_is_the_only_one_that_holds_no_number(
    cells: list[str], otherwise: bool
):
    column = Column("weight")
    column.add([cell or None for cell in cells])
    assert column.begins_otherwise == otherwise


def test_numbers_of_books_are_codes_though_some_end_in_x() -> None:
    settings, why = proposed("123456789X", "382731293", "198534531X", times=40)
    assert settings["kind"] == "category"
    assert "some with X for a check digit" in why


def test_a_postal_code_without_its_last_digits_is_no_number() -> None:
    settings, why = proposed("940xx", "120xx", "606xx", times=40)
    assert settings["kind"] == "category"
    assert why.startswith("whole numbers with xx for further digits, as codes have it")
