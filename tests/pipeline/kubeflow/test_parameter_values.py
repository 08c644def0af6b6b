"""Values of the pipeline's parameters as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.kubeflow.parameter_values import ParameterError, misfit, parse_parameter_values

DEFINITIONS: dict[str, dict[str, Any]] = {
    "data": {"parameterType": "STRING"},
    "epochs": {"parameterType": "NUMBER_INTEGER"},
    "least": {"parameterType": "NUMBER_DOUBLE"},
    "quick": {"parameterType": "BOOLEAN"},
    "splits": {"parameterType": "LIST"},
    "more": {"parameterType": "STRUCT"},
    "size": {"parameterType": "STRING", "literals": ["small", "large"]},
}


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("data=gs://a/b=c", "gs://a/b=c"),
        ("data=1", "1"),
        ("data=", ""),
        ("epochs=3", 3),
        ("epochs=3.0", 3),
        ("epochs=1e1", 10),
        ("least=1", 1),
        ("least=0.5", 0.5),
        ("quick=true", True),
        ("splits=[a, b]", ["a", "b"]),
        ("more={a: 1}", {"a": 1}),
        ("size=small", "small"),
    ],
)
def test_a_value_is_read_as_the_type_of_the_parameter(given, value):
    [(name, read)] = parse_parameter_values([given], DEFINITIONS).items()
    assert name == given.partition("=")[0]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("epochs", "--param 'epochs' must read NAME=VALUE."),
        ("epochs=1.5", "--param epochs=1.5: '1.5' is no whole number."),
        ("epochs=true", "'true' is no whole number"),
        ("epochs='3'", "is no whole number"),
        ("epochs=", "is no whole number"),
        ("epochs=99999999999999999", "is no whole number"),
        ("least=much", "'much' is no number"),
        ("least=.nan", "is no number"),
        ("quick=1", "'1' is not true or false"),
        ("splits=a", "'a' is no list"),
        ("more=[a]", "is no mapping"),
        ("size=huge", "--param size=huge must be one of small, large."),
        ("epoch=1", "did you mean epochs?"),
        ("nothing=1", "the pipeline's parameters are: data, epochs"),
        ("epochs=[1", "--param epochs=[1 is not valid YAML"),
        ("epochs=!!int 'x'", "which is no whole number"),
        ("epochs=" + "9" * 5_000, "which is no whole number"),
        ("more={a: 1, a: 2}", "two settings with one key"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_a_sentence(given, said):
    with pytest.raises(ParameterError) as refused:
        parse_parameter_values([given], DEFINITIONS)
    assert said in str(refused.value)
    assert len(str(refused.value)) < 400


def test_a_parameter_is_given_once():
    with pytest.raises(ParameterError, match="epochs is given twice"):
        parse_parameter_values(["epochs=1", "epochs=2"], DEFINITIONS)


def test_what_no_table_knows_fits():
    assert misfit(object(), "SOMETHING_NEW") is None
