"""What `init` says of what it counted."""

from __future__ import annotations

from collections import Counter

import pytest

from components.example_gen.formats.format import FormatError
from pipeline.init import findings
from pipeline.init.images.images import ImagesReport
from tests.pipeline.init.made_tables import column, said, table

LABEL = ["yes", "no"] * 20
ROWS = range(40)


def test_a_sound_table_is_told_in_three_lines():
    lines = findings.of_table(table(column("fare", *ROWS), column("tip", *LABEL)))
    assert lines == [
        "rows           40, of 2 columns",
        "format         csv",
        "classes        2: yes 20, no 20",
    ]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["yes"] * 9, "Label tip has fewer than two values, so there is nothing to tell apart."),
        (
            [f"word {row}" for row in range(200)],
            "nor a class that comes again and again \\(200 diff",
        ),
    ],
)
def test_a_label_that_no_model_can_predict_is_refused(cells, why):
    with pytest.raises(FormatError, match=why):
        findings.of_table(table(column("fare", *range(len(cells))), column("tip", *cells)))


def test_rows_that_were_lost_are_told_with_the_label_that_they_cost():
    lost = {"bad": [(7, "has 1 cell")], "bad_rows": 3}
    with pytest.raises(FormatError, match=r"\(3 cannot be read, such as line 7: has 1 cell\)\.$"):
        findings.of_table(table(column("tip", "yes"), **lost))


@pytest.mark.parametrize(
    ("fields", "of", "text"),
    [
        ({"bad": [(7, "cut")], "bad_rows": 3}, "unreadable", "3 rows, such as line 7: cut"),
        (
            {"duplicates": 1200, "contradictions": 2},
            "copies",
            "1,200 rows, of which 2 with another label",
        ),
        (
            {"leaks": {"fare": 0.976}},
            "leak?",
            "fare alone predicts the label (strength 0.976), so it is ignored: is it known when a"
            " prediction is asked for?",
        ),
        (
            {"nameless": [(1, ""), (3, "")]},
            "no name",
            "column 1, column 3: left out; give names that a feature may have",
        ),
        (
            {"new": {"late": "b.csv"}},
            "new",
            "late, not in the first file, so left out; in b.csv",
        ),
    ],
)
def test_what_a_run_would_stumble_over_is_told(fields, of, text):
    lines = findings.of_table(table(column("fare", *ROWS), column("tip", *LABEL), **fields))
    assert said(of, lines) == [text]


def test_how_a_table_is_written_is_told():
    report = table(column("tip", *LABEL), csv={"delimiter": ";", "encoding": "cp1252"})
    assert said("format", findings.of_table(report)) == ["csv, delimiter ';', encoding 'cp1252'"]


def test_an_encoding_that_is_a_guess_is_called_one() -> None:
    for encoding, count in (("cp1252", 1), ("utf-16", 0)):
        lines = findings.of_table(table(column("tip", *LABEL), csv={"encoding": encoding}))
        assert len(said("encoding?", lines)) == count


def test_rows_without_a_label_are_left_out():
    lines = findings.of_table(table(column("tip", *LABEL, None, None)))
    assert said("without label", lines) == ["2 rows, which are left out"]


def test_few_examples_that_differ_are_told() -> None:
    few = said("few", findings.of_table(table(column("tip", *LABEL), duplicates=11)))
    assert few == [
        "29 different examples: equal ones fall into one split, so one may be empty, and figures"
        " say little"
    ]
    assert not said("few", findings.of_table(table(column("tip", *LABEL), duplicates=10)))
    assert said("few", findings.of_images(images(cat=10, dog=10)))


def test_a_number_is_to_be_estimated():
    lines = findings.of_table(table(column("tip", *(row / 7 for row in range(200)))))
    assert said("label", lines) == ["a number"]


def test_tags_are_counted_instead_of_classes():
    report = table(column("tags", "a b", "a"), tags=Counter(a=2, b=1))
    lines = findings.of_table(report)
    assert said("tags", lines) == ["2, any number a row: a 2, b 1"]
    assert said("classes", lines) == []


def images(**classes: int) -> ImagesReport:
    return ImagesReport(classes=Counter(classes), sizes={(28, 28)})


def test_one_class_in_five_times_the_examples_is_told_with_what_helps():
    lines = findings.of_images(images(cat=500, dog=100))
    assert said("imbalance", lines) == [
        "5 cat to one dog; always saying cat is right in 83.3%: consider training.class_weights:"
        " balanced"
    ]
    assert said("imbalance", findings.of_images(images(cat=499, dog=100))) == []
    [of_numbers] = said("imbalance", findings.of_images(images(**{"0": 500, "1": 1})))
    assert of_numbers.startswith("500 of class 0 to one of class 1; always saying 0 is right in 99")


def test_few_examples_of_a_class_are_told_below_ten():
    rare = said("rare", findings.of_images(images(cat=10, dog=9)))
    assert rare == ["1 of them with fewer than 10 examples: dog"]
    assert said("rare", findings.of_images(images(cat=10, dog=10))) == []


@pytest.mark.parametrize("names", [("Cat", "cat"), ("1", "1.0"), ("a  b", "A b")])
def test_classes_that_are_likely_to_be_one_are_named(names):
    [alike] = said("alike?", findings.of_images(images(**dict.fromkeys(names, 20))))
    assert alike.endswith(": write classes alike that are one")
    assert said("alike?", findings.of_images(images(cat=20, dog=20))) == []


def test_no_more_than_ten_names_are_listed():
    lines = findings.of_images(images(**{f"c{number:02d}": 20 for number in range(12)}))
    [classes] = said("classes", lines)
    assert classes.startswith("12: c00 20, ")
    assert classes.endswith(", c09 20 and 2 more")


def test_names_cannot_steer_a_terminal():
    report = images(**{"\x1b[2J": 20, "dog": 20})
    report.bad, report.bad_files = [("a\nb.png", "cut")], 1
    assert all(text.isprintable() for text in findings.of_images(report))


def test_a_row_of_units_below_the_header_is_told():
    speed, way = (
        column(name, unit, *ROWS, *ROWS) for name, unit in [("speed", "km/h"), ("way", "[m]")]
    )
    lines = findings.of_table(table(speed, way, column("tip", "yes", *LABEL)))
    assert said("units?", lines) == [
        "the first row holds 'km/h' of speed, '[m]' of way, and all others numbers: take it away if"
        " it says units or goes on with the header"
    ]
    later = column("speed", *ROWS, "km/h", *ROWS)
    assert later.no_numbers == 1
    assert not said("units?", findings.of_table(table(later, column("tip", *LABEL, "yes", *LABEL))))


def test_categories_that_are_likely_to_be_one_are_told():
    flag = column("flag", *["true", "True", "FALSE", "caf\u00e9", "cafe\u0301"] * 8)
    lines = findings.of_table(table(flag, column("tip", *LABEL)))
    assert said("alike?", lines) == [
        "flag: true and True, caf\u00e9 and cafe\u0301: write categories alike that are one"
    ]


def test_days_for_nothing_among_dates_are_told():
    until = column("until", *(f"2026-01-{day:02}" for day in range(1, 21)), *["9999-12-31"] * 20)
    assert until.proposal[0] == {"kind": "date", "missing": ["9999-12-31"]}
    lines = findings.of_table(table(until, column("tip", *LABEL)))
    assert said("missing?", lines) == [
        "until: '9999-12-31' in 20 rows is taken for missing; if it is not, take it out of"
        " features.until.missing"
    ]


def test_days_and_months_that_cannot_be_told_apart_are_told():
    both = column("due", *[f"{row % 12 + 1:02}/{row % 11 + 1:02}/2024" for row in ROWS])
    lines = findings.of_table(table(both, column("tip", *LABEL)))
    assert said("dates?", lines) == [
        "due: every cell is a date written %m/%d/%Y, or %d/%m/%Y, which reads all of them too:"
        " choose"
    ]
    sure = column("due", *[f"{row % 12 + 1:02}/{row % 28 + 1:02}/2024" for row in ROWS])
    assert not said("dates?", findings.of_table(table(sure, column("tip", *LABEL))))


@pytest.mark.parametrize(
    ("answers", "of"),
    [(LABEL, ["fare"]), ([f"{row}.5" for row in ROWS], ["fare", "tip"])],
)
def test_thousands_that_may_be_fractions_are_told_of_features_and_of_a_label_of_numbers(
    answers, of
):
    columns = [column("fare", *["1,234"] * 40), column("day", *ROWS), column("tip", *answers)]
    two_ways = {"fare": "1,234", "tip": "2.500", "day": "no number"}
    lines = findings.of_table(table(*columns, two_ways=two_ways))
    told = said("thousands?", lines)
    assert [line.split(":")[0] for line in told] == of
    assert told[0] == (
        "fare: '1,234' is read as 1,234; if it is another number, change decimal and thousands"
    )
    ignored = {"fare": 1.0}
    lines = findings.of_table(table(*columns, two_ways=two_ways, leaks=ignored))
    assert [line.split(":")[0] for line in said("thousands?", lines)] == of[1:]
