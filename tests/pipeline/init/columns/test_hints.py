"""What is told of words that may have been meant as more."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.init.columns.hints import hint


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([f"{100 + n}/{60 + n}" for n in range(30)], "several numbers in a cell: give each"),
        ([f"{40 + n}.25, {n}.5" for n in range(30)], "several numbers in a cell"),
        ([f"{n}°30'12\"N" for n in range(30)], "several numbers in a cell"),
        ([f"POINT({n}.5 -{n}.25)" for n in range(30)], "several numbers in a cell"),
        (["<5", *map(str, range(30))], "numbers and limits: write a number for each limit"),
        ([f"{'$€'[n % 2]}{n}.50" for n in range(30)], "written in another way"),
        ([f"€{n}.5{'MK'[n % 2]}" for n in range(30)], "write all in full, as 1500000"),
        ([f"€{n}.5M" for n in range(30)], "write all in full, as 1500000"),
        (["varies", *(f"{n}{'Mk'[n % 2]}" for n in range(30))], "write all in full, as 1500000"),
        ([*"abcdef", *(f"{n}{'Mk'[n % 2]}" for n in range(14))], ""),
        ([f"{n + 40}:30" for n in range(30)], "durations, or scores: for durations declare"),
        ([f"PT{n}M3S" for n in range(30)], "durations"),
        ([f"{n}h {n}m" for n in range(30)], "durations"),
        ([f"'{n}.5" for n in range(30)], "with which Excel keeps them texts"),
        ([f'="{n}"' for n in range(30)], "with which Excel keeps them texts"),
        ([f"{n + 1}. März 20{n + 10}" for n in range(30)], "dates with names of months"),
        ([f"{n + 1} de enero de 2015" for n in range(30)], "dates with names of months"),
        ([f"{n + 10}-Okt-15" for n in range(30)], "dates with names of months"),
        ([f"styczeń {n + 2000}" for n in range(30)], "dates with names of months"),
        ([f"{('Aug', 'Dec')[n % 2]}-{n + 1980}" for n in range(30)], "dates with names of months"),
        ([f"{n + 1980} August" for n in range(30)], "dates with names of months"),
        (['["Wifi", "TV"]', "[]", '["Pool"]'], "lists as JSON writes them: kind text learns"),
        (['[{"a": 1}]', "[]"], "JSON: give each key a column of its own"),
        ([f"{n + 2000}Q{n % 4 + 1}" for n in range(30)], "months, quarters or weeks"),
        ([f"{n + 2000}-W31" for n in range(30)], "months, quarters or weeks"),
        ([f"{n % 12 + 1:02}/{n + 2000}" for n in range(30)], "months, quarters or weeks"),
        ([f"{n % 24}h{n:02}" for n in range(30)], "times of day: write them as 14:30"),
        ([f"{n % 24}.{n:02} Uhr" for n in range(30)], "times of day: write them as 14:30"),
        ([f"{n} {chr(97 + n % 26)}{chr(97 + n // 26)}bc 2020" for n in range(60)], ""),
        (['{"a": 1}', "[1, 2]"], "JSON: give each key a column of its own"),
        (
            [f"war|{'abcdef'[n % 6]}|{'uvwxyz'[n // 6]}" for n in range(30)],
            "several words in a cell",
        ),
        ([f"{chr(97 + n)}x|{chr(65 + n)}y" for n in range(25)], ""),
        ([f"10.0.0.{n}" for n in range(30)], ""),
        ([f"1.{n}.3" for n in range(30)], ""),
        ([f"+49 170 12345{n}" for n in range(30)], ""),
        ([f"(212) 555-01{n}" for n in range(30)], ""),
        ([f"{n}-{n + 5}" for n in range(30)], ""),
        ([f"K{n}" for n in range(30)], ""),
        (
            [*map("k{}".format, range(15)), *(f"war|love|{'ab'[n % 2]}|{n}" for n in range(14))],
            "",
        ),
        (["1", "[1]"], ""),
        (["1/2", "2/3"], ""),
        ([f"{n}/{n + 1}" for n in range(20)], ""),
        ([f"{n}/{n + 1}" for n in range(21)], "several numbers in a cell"),
        ([], ""),
    ],
)
def test_what_cells_may_be(cells: list[str], said: str) -> None:
    found = hint(Counter(cells))
    assert said in found
    assert bool(said) == bool(found)


def test_cells_are_shown_that_tell_the_difference() -> None:
    assert hint(Counter([f"{'$€'[n % 2]}{n}.50" for n in range(30)])).endswith("('$0.50', '€1.50')")
