"""Conditions of tasks."""

from __future__ import annotations

import contextlib

import hypothesis
import hypothesis.strategies as st
import pytest

from pipeline.kubeflow.validation.tasks.condition import ConditionError, check_condition


@pytest.mark.parametrize(
    "text",
    [
        "true",
        "inputs.parameter_values['a']",
        "inputs.parameter_values['flip-coin-op-Output'] == 'heads'",
        "inputs.parameter_values[\"a\"] != 1.5e3 && !(int(inputs.parameter_values['b']) < 0x1F)",
        "'a' in ['a', r'b'] || has(inputs.artifacts)",
        "inputs.parameter_values['a'].startsWith('x') ? true : false",
        "inputs.artifacts['m'].artifacts.all(m, m.uri.contains('gs://'))",
        "size(parseJson(inputs.parameter_values['a'])) % 2 == -1 * 3 + 2u",
        "{'a': 1, 'b': 2}['a'] >= 1",
        "outputs.output_file == ''",
        "double(inputs.parameter_values['a']) > 0.5",
    ],
)
def test_conditions_of_cel_are_taken(text):
    check_condition(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "ends too early"),
        ("inputs.parameter_values['a'] ==", "ends too early"),
        ("inputs.parameter_values['a'", "lacks ']'"),
        ("inputs.parameter_values['a] == 1", "cannot be read at"),
        ("(true", "lacks ')'"),
        ("true true", "goes on after its end"),
        ("true and false", "goes on after its end"),
        ("not true", "names not"),
        ("true & false", "cannot be read"),
        ("a = 1", "cannot be read at"),
        ("inputs = 1", "cannot be read"),
        ("epochs > 1", "names epochs; known are inputs, outputs"),
        ("len('a') > 1", "calls len, which is unknown"),
        ("'a'.upper() == 'A'", "calls upper, which is unknown"),
        ("'yes'", "is not true or false"),
        ("1 + 1", "is not true or false"),
        ("[true]", "is not true or false"),
        ("1 && true", "beside &&"),
        ("!'a'", "beside !"),
        ("1 ? true : false", "beside ?"),
        ("true + true == true", "calculates"),
        ("inputs.parameter_values['a'] == None", "names None"),
        ("{{$.inputs.parameters['a']}} == 1", ""),
        ("(" * 500 + "true" + ")" * 500, "is nested more than"),
        ("inputs.x.all(m)", "lacks ','"),
        ("inputs.", "lacks a name"),
    ],
)
def test_others_are_refused_with_the_reason(text, said):
    with pytest.raises(ConditionError) as refused:
        check_condition(text)
    assert said in str(refused.value)


@hypothesis.given(st.text(alphabet="inputs.[]()'\"!&|<>=+-*?:{},truefalse 01", max_size=40))
def test_nothing_but_a_reason_is_raised(text):
    with contextlib.suppress(ConditionError):
        check_condition(text)
