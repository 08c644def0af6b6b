from __future__ import annotations

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.cells.cell import CellError
from documents.cells.notation import Notation, notations
from models.features.number.kind import Number
from models.labels.number.kind import NumberLabel


@pytest.mark.parametrize(
    ("notation", "text", "number"),
    [
        ({"decimal": ","}, "85,20", 85.2),
        ({"decimal": ","}, "-1,5e3", -1500),
        ({"decimal": ","}, "7", 7),
        ({"decimal": ",", "thousands": "."}, "1.234.567,5", 1_234_567.5),
        ({"decimal": ",", "thousands": "."}, "1234,5", 1234.5),
        ({"thousands": ","}, "12,345", 12_345),
        ({"thousands": " "}, "12\u202f345.25", 12_345.25),
        ({"thousands": "'"}, "12’345", 12_345),
        ({"thousands": ","}, "1,23,45,678.5", 12_345_678.5),
        ({"thousands": ","}, "12,34,567", 1_234_567),
        ({"unit": "$"}, "$5.50", 5.5),
        ({"unit": "$"}, "-$5.50", -5.5),
        ({"unit": "$"}, "$ -5.50", -5.5),
        ({"unit": "€", "decimal": ",", "thousands": "."}, "1.200,00 €", 1200),
        ({"unit": "kg"}, "80 kg", 80),
        ({"unit": "%"}, "12", 12),
        ({"unit": "$", "thousands": ","}, "($1,234.50)", -1234.5),
        ({"thousands": ","}, "(1,234)", -1234),
        ({"decimal": ","}, "5,5-", -5.5),
        # As spreadsheets write columns of money, where nothing is a dash.
        ({"unit": "$", "thousands": ","}, "$ (1,234.50)", -1234.5),
        ({"unit": "$"}, "$(5)", -5),
        ({"unit": "$"}, "$ -", 0),
        ({"unit": "€", "decimal": ","}, "-   €", 0),
    ],
)
def test_a_number_is_read_as_its_column_writes_it(
    notation: dict[str, str], text: str, number: float
) -> None:
    assert Number.model_validate({"kind": "number", **notation}).value(text) == pytest.approx(
        number
    )
    assert NumberLabel.model_validate({"name": "y", "kind": "number", **notation}).value(
        text
    ) == pytest.approx(number)


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        ({"decimal": ","}, "1.5"),
        ({"decimal": ","}, "1,2,3"),
        ({"thousands": ","}, "1,23"),
        ({"thousands": ","}, "1234,567"),
        ({"thousands": ","}, ",123"),
        ({"thousands": ","}, "123,45,678"),
        ({"thousands": ","}, "1,23,45"),
        ({"thousands": ","}, "1,234,56,789"),
        ({"thousands": ","}, "1.5,000"),
        ({"unit": "$"}, "$"),
        ({"unit": "$"}, "5 €"),
        ({"unit": "kg"}, "kg 00501"),
        ({"unit": "$"}, "--5"),
        ({"unit": "$"}, "(-5)"),
        ({}, "(5)"),
        ({"unit": "$"}, "$ ()"),
        ({"unit": "kg"}, "f(5)"),
    ],
)
def test_another_way_to_write_it_is_refused(notation: dict[str, str], text: str) -> None:
    with pytest.raises(CellError):
        Number.model_validate({"kind": "number", **notation}).value(text)
    assert not Notation.model_validate(notation).reads(text)


@pytest.mark.parametrize(
    ("decimal", "text", "said"),
    [(",", "5.0", "declare decimal: '.' if it is one"), (".", "5,0", "declare decimal: ',' if")],
)
def test_the_setting_that_reads_it_is_named(decimal: str, text: str, said: str) -> None:
    with pytest.raises(CellError, match=said):
        Number.model_validate({"kind": "number", "decimal": decimal}).value(text)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("1.5", {}),
        ("1,234", {"thousands": ","}),
        ("1,23", {"decimal": ","}),
        ("1.234,5", {"decimal": ",", "thousands": "."}),
        ("5 kg", {"unit": "kg"}),
        ("€ 5,20", {"decimal": ",", "unit": "€"}),
        ("-12 %", {"unit": "%"}),
        ("CHF 91'651.50", {"thousands": "'", "unit": "CHF"}),
        ("EUR12,50", {"decimal": ",", "unit": "EUR"}),
        ("US$ 1,234.50", {"thousands": ",", "unit": "US$"}),
        ("R$ 1.234,50", {"decimal": ",", "thousands": ".", "unit": "R$"}),
        ("kr 1 234,50", {"decimal": ",", "thousands": " ", "unit": "kr"}),
        ("-USD 5", {"unit": "USD"}),
        ("(USD 5)", {"unit": "USD"}),
    ],
)
def test_the_most_usual_way_comes_first(text: str, first: dict[str, str]) -> None:
    assert notations(text)[0].settings == first


@pytest.mark.parametrize(
    "text", ["Q4", "PHP 7.4", "RM 12", "abc", "", "1.2.3", "00501", "2024-01-02", "1:30", "5\x1b"]
)
def test_what_is_a_number_in_no_way(text: str) -> None:
    assert notations(text) == []


@given(st.text(max_size=60))
def test_any_text_is_looked_at(text: str) -> None:
    assert all(found.reads(text) for found in notations(text))


@given(st.floats(-1e9, 1e9), st.sampled_from([",", ".", " ", "'"]), st.sampled_from(["", "€"]))
def test_what_is_written_so_reads_back(number: float, thousands: str, unit: str) -> None:
    decimal = "." if thousands == "," else ","
    signs = str.maketrans({",": thousands, ".": decimal})
    text = f"{number:,.3f}".translate(signs) + unit
    kind = Number.model_validate(
        {"kind": "number", "decimal": decimal, "thousands": thousands, "unit": unit or None}
    )
    assert kind.value(text) == pytest.approx(number, abs=1e-3, rel=1e-6)


@pytest.mark.parametrize(
    ("notation", "said"),
    [
        ({"decimal": ",", "thousands": ","}, "decimal and thousands are both ','"),
        ({"unit": "5"}, "signs in it that numbers are made of"),
        ({"unit": "-"}, "signs in it that numbers are made of"),
        ({"unit": ""}, "at least 1 character"),
        ({"decimal": ";"}, "Input should be"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(notation: dict[str, str], said: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=said):
        Number.model_validate({"kind": "number", **notation})


def test_a_column_says_what_stands_for_nothing() -> None:
    number = Number(kind="number", decimal=",", missing=(-999, "Not weighed"))
    for cell in ("-999", "-999,00", -999, -999.0, " not weighed ", "", "NA"):
        assert number.value(cell) is None
    assert number.value("999") == 999
    assert "= -999, for missing" in number.edges()
    assert number.sample == "1234,5"
    with pytest.raises(CellError, match="holds no label"):
        NumberLabel(name="y", kind="number", missing=(-1,)).value("-1")
    with pytest.raises(CellError, match="which is no number; declare"):
        Number(kind="number").value("1,5 kg")
    with pytest.raises(pydantic.ValidationError):
        Number(kind="number", missing=())


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("\u0661\u0662\u0663", 123.0),
        ("\u06f1\u066b\u06f5", 1.5),
        ("\uff11\uff12\uff0e\uff15", 12.5),
        ("\u0967\u0968", 12.0),
        ("\u0e51", 1.0),
    ],
)
def test_digits_of_other_scripts_are_digits(cell: str, value: float) -> None:
    assert Number(kind="number").value(cell) == value
    assert Number(kind="number", unit="%").value(f"{cell}\u066a") == value
