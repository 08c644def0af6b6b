"""Signatures that nobody asked for."""

from __future__ import annotations

from components.serving_check.candidate import read_signatures
from components.serving_check.further import further_signatures
from tests.fashion_mnist import CHECK_OPTIONS

EXPECTED = CHECK_OPTIONS.signatures
_FILES = {"image_bytes": {"dtype": "DT_STRING"}}
_OUTPUTS = {"probabilities": {"dtype": "DT_FLOAT"}}


def found(**definition):
    return further_signatures({"more": {"outputs": _OUTPUTS, **definition}}, EXPECTED)


def test_those_with_the_inputs_of_an_expected_one_are_asked_like_it():
    further = found(inputs=_FILES)["more"]
    assert (further.like, further.signature.feed) == ("image_bytes", "png")


def test_what_is_for_classify_takes_examples_whatever_its_input_is_called():
    inputs = {"inputs": {"dtype": "DT_STRING"}}
    further = found(inputs=inputs, method_name="tensorflow/serving/classify")["more"]
    assert further.like == "examples"
    assert list(further.signature.inputs) == ["inputs"]
    assert not found(inputs=inputs, method_name="tensorflow/serving/predict")


def test_nothing_is_known_of_others():
    assert not found(inputs={"images": {"dtype": "DT_FLOAT"}})
    assert not found(inputs={})
    assert not found(inputs={**_FILES, "more": {"dtype": "DT_FLOAT"}})
    assert not further_signatures({"more": {"inputs": _FILES}}, EXPECTED)
    assert not further_signatures(
        {name: {"inputs": _FILES, "outputs": _OUTPUTS} for name in EXPECTED}, EXPECTED
    )


def test_no_candidate_has_none(tmp_path):
    assert further_signatures(read_signatures(tmp_path), EXPECTED) == {}
