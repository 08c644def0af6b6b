"""Rows of columns: what is sent for them, and what is refused."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import documents.features
from documents.features import Feature, Features, Label
from serving.clients import columns
from serving.clients.columns import ColumnError
from serving.clients.pictures import encode
from serving.clients.signatures import Input
from serving.clients.table_files import from_file

INPUTS = (Input("fare", "DT_FLOAT", (-1,)), Input("company", "DT_STRING", (-1,)))


def test_words_leave_out_what_is_missing() -> None:
    row = columns.from_words(["fare=12", "company=a=b Cab"])
    assert columns.instance(row, INPUTS) == {"fare": 12.0, "company": "a=b Cab"}
    asked = columns.instance(columns.from_words(["company="]), INPUTS)
    assert math.isnan(asked["fare"])
    assert asked["company"] == ""


@pytest.mark.parametrize("cell", ["", "NA", "null", "nan", " "])
def test_a_number_may_be_missing(cell: str) -> None:
    assert math.isnan(columns.instance(columns.from_words([f"fare={cell}"]), INPUTS)["fare"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fare=twelve"], "column fare holds 'twelve', which is no number."),
        (["fare=85,20"], "column fare holds '85,20', which is no number; write it as in 1234.5."),
        (["fare=inf"], "column fare holds 'inf', which is no number."),
        (["fares=1"], r"takes no column fares \(is it fare\?\)."),
        (["zzz=1"], "takes no column zzz; it takes fare, company."),
    ],
)
def test_wrong_words_are_refused(words: list[str], said: str) -> None:
    with pytest.raises(ColumnError, match=said):
        columns.instance(columns.from_words(words), INPUTS)


def test_a_column_is_given_once() -> None:
    with pytest.raises(ColumnError, match="Column fare is given twice"):
        columns.from_words(["fare=1", "fare=2"])


def test_pictures_are_no_columns() -> None:
    assert columns.takes_columns(INPUTS)
    assert not columns.takes_columns([Input("images", "DT_UINT8", (-1, 28, 28))])


PETS = (Input("age", "DT_FLOAT", (-1,)), Input("photo", "DT_STRING", (-1,), is_picture=True))
PNG = encode(np.zeros((4, 4), np.uint8))


def test_a_picture_lies_where_its_cell_says(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "cat.png").write_bytes(PNG)
    rows = tmp_path / "rows.csv"
    rows.write_text("photo,age\npictures/cat.png,3\n")
    [row] = from_file(rows)
    assert columns.instance(row, PETS) == {"age": 3.0, "photo": PNG}
    words = columns.from_words([f"photo={tmp_path}/pictures/cat.png", "age=3"])
    assert columns.instance(words, PETS) == {"age": 3.0, "photo": PNG}


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("", "names no picture in column photo; write the path of its file."),
        ("none.png", "column photo: Cannot read .*none.png: No such file"),
        ("text.png", "column photo: .*text.png is no image that can be read here"),
    ],
)
def test_a_cell_that_names_no_picture(tmp_path: Path, cell: str, said: str) -> None:
    (tmp_path / "text.png").write_text("text")
    rows = tmp_path / "rows.csv"
    rows.write_text(f"photo,age\n{cell},3\n")
    [row] = from_file(rows)
    with pytest.raises(ColumnError, match=said):
        columns.instance(row, PETS)


def test_cells_are_read_as_the_model_learned_them() -> None:
    document = Features(
        features=(
            Feature(
                name="fare",
                kind="number",
                options={"decimal": ",", "unit": "€"},
                input=columns_input("fare", "DT_FLOAT"),
            ),
            Feature(
                name="company",
                kind="date",
                options={"format": "%d.%m.%Y"},
                input=columns_input("company", "DT_STRING"),
            ),
        ),
        label=Label(name="tip", kind="number"),
    )
    features = columns.described(document)
    row = columns.from_words(["fare=12,5 €", "company=03.02.2026"])
    sent = {"fare": 12.5, "company": "2026-02-03T00:00:00"}
    assert columns.instance(row, INPUTS, features) == sent
    for word, said in {
        "fare=12.5": "fare holds '12.5', which is no number; write it as in 1234,5, as the data",
        "fare=twelve": "fare holds 'twelve', which is no number.",
        "company=02/03/2026": "holds '02/03/2026', no date in the format %d.%m.%Y.",
    }.items():
        with pytest.raises(ColumnError, match=said):
            columns.instance(columns.from_words([word]), INPUTS, features)


def columns_input(name: str, dtype: str) -> documents.features.Input:
    return documents.features.Input(name=name, dtype=dtype, shape=(-1,))
