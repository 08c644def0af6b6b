"""The form of a model, and what is sent of it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from documents.features import Features, Seen
from documents.predict_request import PredictRequest
from models.declaration import Declaration
from models.description import describe
from serving.clients.signatures import Input, SignatureError
from serving.demo.form import Form, FormError, form_of

DECLARATION = Declaration.model_validate(
    {
        "features": {
            "fare": {"kind": "number", "max": 500.0},
            "company": {"kind": "category"},
            "start": {"kind": "date"},
            "photo": {"kind": "image", "size": [8, 6], "channels": 3},
            "id": {"kind": "ignore"},
        },
        "label": {"name": "tip", "kind": "classes", "values": ["no", "yes"]},
    }
)
INPUTS = (
    Input("company", "DT_STRING", (-1,)),
    Input("fare", "DT_FLOAT", (-1,)),
    Input("photo", "DT_STRING", (-1,), is_picture=True),
    Input("start", "DT_STRING", (-1,)),
)
FOUND = {"examples": (Input("examples", "DT_STRING", (-1,)),), "serving_default": INPUTS}
EXAMPLE = {"fare": 12.449999809, "company": "", "start": "2013-05-01T00:15:00"}


def document(**example: Any) -> Features:
    request = PredictRequest(
        signature_name="serving_default",
        instances=({**EXAMPLE, "photo": {"b64": "AAAA"}, **example},),
    )
    seen = {"fare": Seen(low=0.0, high=80.5), "company": Seen(values=("Red", "Blue"))}
    return describe(DECLARATION, request, seen)


def form(**example: Any) -> Form:
    found = form_of(FOUND, document(**example))
    assert found
    return found


def test_fields_stand_as_declared_and_begin_with_the_example() -> None:
    fare, company, start, photo = form().fields
    assert [fare.name, company.name, start.name, photo.name] == [*DECLARATION.used]
    assert (fare.kind, fare.start, fare.low, fare.high) == ("number", "12.45", 0.0, 500.0)
    assert (company.start, company.values, company.may_miss) == (None, ("Red", "Blue"), True)
    assert start.start == "2013-05-01T00:15:00"
    assert (photo.start, photo.size, photo.may_miss) == ("AAAA", (8, 6, 3), False)
    assert form(fare=math.nan).fields[0].start is None


def test_what_is_missing_is_written_as_the_model_reads_it() -> None:
    sent = form().instance({"fare": None, "company": "", "start": None, "photo": b"png"})
    assert math.isnan(sent.pop("fare"))
    assert sent == {"company": "", "start": "", "photo": b"png"}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"fare": "much"}, "fare holds 'much', which is no number."),
        ({"fare": "inf"}, "fare holds 'inf', which is no number."),
        ({"fare": b"png"}, "fare takes a number."),
        ({"photo": "path.png"}, "photo takes a picture."),
        ({"photo": None}, "photo is empty, and the model needs it."),
        ({"fares": "1"}, "The model takes no feature fares."),
    ],
)
def test_wrong_cells_are_named(cells: dict, said: str) -> None:
    with pytest.raises(FormError, match=said):
        form().instance({"photo": b"png", **cells})


def test_models_of_one_image_have_no_form() -> None:
    assert form_of({"a": (Input("image_bytes", "DT_STRING", (-1,)),)}, None) is None
    assert form_of({"a": (Input("pixels", "DT_UINT8", (-1, 8, 8)),)}, None) is None


def test_a_model_of_somebody_else_is_asked_by_its_signature() -> None:
    inputs = (
        Input("count", "DT_INT64", (-1,)),
        Input("ok", "DT_BOOL", (-1,)),
        Input("text", "DT_STRING", (-1,)),
        Input("vector", "DT_FLOAT", (-1, 2)),
        Input("x", "DT_DOUBLE", (-1,)),
    )
    found = form_of({"b": inputs, "c": inputs[:1]}, None)
    assert found
    assert found.signature == "b"
    assert [field.kind for field in found.fields] == ["number", "truth", "text", "json", "number"]
    cells = {field.name: field.start for field in found.fields}
    wanted = {"count": 0, "ok": False, "text": "", "vector": [0.0, 0.0], "x": 0.0}
    assert found.instance(cells) == wanted
    assert found.instance({**cells, "ok": "true", "vector": "[1, 2]"})["vector"] == [1, 2]
    for cell, said in {"count": "1.5", "ok": "yes", "vector": "[1"}.items():
        with pytest.raises(FormError, match=cell):
            found.instance({**cells, cell: said})


def test_a_description_of_other_columns_does_not_count() -> None:
    found = form_of({"serving_default": INPUTS[:2]}, document())
    assert found
    assert [field.kind for field in found.fields] == ["text", "number"]


def test_a_model_without_signatures_gets_a_sentence() -> None:
    with pytest.raises(SignatureError, match="no signature for predict requests"):
        form_of({}, None)
