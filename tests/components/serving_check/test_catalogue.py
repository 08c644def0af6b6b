"""The catalogue of malformed requests."""

import base64
import json

from components.serving_check.catalogue import malformed_requests
from components.serving_check.options import Options, Signature
from tests.fashion_mnist import CHECK_OPTIONS

OPTIONS = CHECK_OPTIONS
CATALOGUE = list(malformed_requests("m", OPTIONS))


def test_every_kind_of_mistake_is_there_once():
    names = [request.name for request in CATALOGUE]
    assert len(set(names)) == len(names) >= 20
    for name in ("empty body", "not JSON", "no instances", "unknown signature", "unknown model"):
        assert name in names
    for name in ("ragged list", "wrong rank"):
        assert f"serving_default: {name}" in names
    assert "image_bytes: bytes that are no image" in names
    assert "examples: bytes that are no tf.Example" in names


def test_only_what_cannot_be_found_is_a_404():
    assert {request.name for request in CATALOGUE if request.status == 404} == {
        "unknown model",
        "unknown version",
    }
    assert {request.status for request in CATALOGUE} == {400, 404}


def test_verbs_that_the_model_is_not_for_are_refused():
    names = [request.name for request in CATALOGUE]
    for signature in OPTIONS.signatures:
        for verb in ("classify", "regress"):
            assert f"{signature}: {verb}, which it is not for" in names


def test_a_signature_that_is_for_a_verb_is_not_expected_to_refuse_it():
    signature = {
        "feed": "example",
        "inputs": {"inputs": {"dtype": "DT_STRING", "shape": [-1]}},
        "outputs": {"scores": {"dtype": "DT_FLOAT", "shape": [-1, 10]}},
    }
    options = Options(output="scores", signatures={"s": Signature.model_validate(signature)})
    names = [request.name for request in malformed_requests("m", options)]
    assert "s: classify, which it is not for" not in names
    assert "s: regress, which it is not for" in names


def test_a_model_is_only_asked_about_signatures_it_should_have():
    takes_examples = OPTIONS.signatures["examples"]
    options = Options(signatures={"only": Signature(**takes_examples.model_dump())})
    named = [
        json.loads(request.body).get("signature_name")
        for request in malformed_requests("m", options)
        if ": " in request.name
    ]
    assert set(named) == {"only"}


def test_an_image_in_a_row_may_be_neither_missing_nor_anything_else():
    tensor = {"dtype": "DT_STRING", "shape": [-1]}
    rows = {
        "feed": "columns",
        "images": {"photo": [8, 8, 3]},
        "inputs": {"photo": tensor, "company": tensor},
        "outputs": {"p": {"dtype": "DT_FLOAT", "shape": [-1, 2]}},
    }
    options = Options(output="p", signatures={"s": Signature.model_validate(rows)})
    sent = {
        request.name: json.loads(request.body)["instances"]
        for request in malformed_requests("m", options)
        if request.name.startswith("s: ") and b"instances" in request.body
    }
    assert sent["s: photo of no bytes"] == [{"photo": "", "company": ""}]
    assert "s: photo of bytes that are no image" in sent
    # What is wrong elsewhere is beside an image that is right.
    [row] = sent["s: company is null"]
    assert base64.b64decode(row["photo"]["b64"]).startswith(b"\x89PNG")
