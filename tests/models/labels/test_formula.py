import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.cells.cell import CellError
from models.features.category.kind import Category
from models.features.date.kind import Date
from models.features.number.kind import Number
from models.labels.classes.kind import Classes
from models.labels.formula import LONGEST, FormulaError, parse
from models.labels.number.kind import NumberLabel

NUMBERS = st.floats(-1e6, 1e6)
EUROS = Number(kind="number", decimal=",", thousands=".", unit="€")


def computed(label, cells, features):
    """What the label is in a row."""
    read = {name: label.reader(name, features)(cell) for name, cell in cells.items()}
    return label.computed(read)


@given(NUMBERS, NUMBERS)
def test_a_formula_computes_what_python_does(tips, fare):
    found = parse("tips - -2 * (fare + 1) / 4 > 0.2 * abs(fare)")
    assert found.columns == ("tips", "fare")
    assert found({"tips": tips, "fare": fare}) is (tips - -2 * (fare + 1) / 4 > 0.2 * abs(fare))


def test_any_column_can_be_named():
    found = parse('log("price (EUR)")')
    assert found.columns == ("price (EUR)",)
    assert not found.compares
    assert found({"price (EUR)": 100.0}) == math.log(100)


@pytest.mark.parametrize(("text", "value"), [("log(a)", -1.0), ("1 / a", 0.0), ("a * a", 1e300)])
def test_what_cannot_be_computed_is_nothing(text, value):
    assert parse(text)({"a": value}) is None


@pytest.mark.parametrize(
    "text",
    [
        *("__import__('os').system('true')", "a.b", "a[0]", "(lambda: a)()", "a if b else c"),
        *("a ** 9", "a // 2", "log(a, 2)", "exp(a)", "a > 1 > 0", "a in b", "(a > 1) + 1"),
        *("a and b", "[a]", "f'{a}'", "a := 1", "a;b", "", "1 + 2", "True", "+", "a > True"),
        *("a > None", "a + 1j", "a + b'1'", "a + ...", "+a", "~a", "not a", "log(a, base=2)"),
        *("log(base=a)", "log()", "log(*a)", "abs(a, b)", "a @ b"),
        "a" + "+a" * LONGEST,
    ],
)
def test_nothing_else_is_a_formula(text):
    with pytest.raises(FormulaError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a" + "+a" * LONGEST, "it is longer than 500 characters"),
        ("tips >", "it cannot be read; write it as in: tips > 0.2 * fare"),
        ("1 + 2", "it names no column"),
        ("a > 1 > 0", "it may compare two things with one of > >= < <= == !="),
        ("a in b", "it may compare two things with one of > >= < <= == !="),
        (
            "a ** 9",
            "'a ** 9' is none of: a number, a column, + - * /, abs, log; a comparison stands"
            " outermost",
        ),
        (
            f"a + exp({'b' * 60})",
            f"'exp({'b' * 36}' is none of: a number, a column, + - * /, abs, log; a comparison"
            " stands outermost",
        ),
    ],
)
def test_what_is_no_formula_says_why(text, said):
    with pytest.raises(FormulaError) as error:
        parse(text)
    assert str(error.value) == said


def test_a_formula_may_be_500_characters_long():
    assert LONGEST == 500
    text = "+".join(["abc"] * 125) + "  "
    parse(text[:LONGEST])
    with pytest.raises(FormulaError, match="longer than 500 characters"):
        parse(text)


def test_labels_are_computed_and_classes_told_apart():
    label = Classes.model_validate(
        {"name": "big", "kind": "classes", "values": ["no", "yes"], "formula": "tips > 0.2 * fare"}
    )
    cells = [("2.01", "10"), ("2", "10"), ("1", "0"), ("NA", "10")]
    found = [computed(label, {"tips": tips, "fare": fare}, {}) for tips, fare in cells]
    assert found == [True, False, True, None]
    assert [label.value(cell) for cell in found[:3]] == [1, 0, 1]
    with pytest.raises(CellError, match="holds no label"):
        label.value(None)
    with pytest.raises(CellError, match="holds 'a lot', which is no number"):
        computed(label, {"tips": "a lot", "fare": "1"}, {})


def test_a_formula_reads_columns_as_they_are_written():
    """As features where they are, else as the label says; dates count in seconds."""
    label = Classes.model_validate(
        {
            **{"name": "late", "kind": "classes", "values": ["no", "yes"]},
            "formula": "arrived - planned > 900 * hours",
            "written": {
                "arrived": {"kind": "date", "format": "%d.%m.%Y %H:%M"},
                "hours": {"kind": "number", "decimal": ",", "unit": "h"},
            },
        }
    )
    features = {"planned": Date(kind="date"), "hours": Category(kind="category")}
    cells = {"arrived": "01.03.2026 12:00", "planned": "2026-03-01T12:00+01:00", "hours": "3,5 h"}
    assert computed(label, cells, features) is True
    assert computed(label, {**cells, "hours": "4,0 h"}, features) is False
    assert computed(label, {**cells, "planned": ""}, features) is None
    with pytest.raises(CellError, match="holds 'soon', no date in the format"):
        computed(label, {**cells, "arrived": "soon"}, features)
    price = NumberLabel(name="rate", kind="number", formula="price / 2")
    found = computed(price, {"price": "1.234,5 €"}, {"price": EUROS})
    assert found == 617.25


@pytest.mark.parametrize(
    ("kind", "changed", "said"),
    [
        (Classes, {"formula": "tips + 1"}, "must be a comparison"),
        (Classes, {"formula": "tips >"}, "cannot be read; write it as in: tips > 0.2"),
        (Classes, {"formula": "t > 1", "values": ["a", "b", "c"]}, "tells two classes apart"),
        (NumberLabel, {"formula": "tips > 1"}, "must be a number, no comparison"),
        (NumberLabel, {"formula": "os.system"}, "'os.system' is none of"),
        (
            NumberLabel,
            {"formula": "tips + 1", "written": {"tip": {"kind": "number"}}},
            "written names 'tip', which the formula does not; it names tips",
        ),
        (NumberLabel, {"written": {"tip": {"kind": "number"}}}, "and there is none"),
    ],
)
def test_a_formula_fits_its_label(kind, changed, said):
    asked = {"name": "x", "kind": "classes", "values": ["a", "b"]}
    if kind is NumberLabel:
        asked = {"name": "x", "kind": "number"}
    with pytest.raises(ValueError, match=said):
        kind.model_validate({**asked, **changed})
