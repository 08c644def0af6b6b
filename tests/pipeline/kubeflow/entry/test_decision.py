"""What ExampleGen's driver decided, from one task to the next."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.kubeflow.entry.decision import DataChangedError, as_output, check_unchanged, taken

DECIDED: dict[str, Any] = {
    "input_config": "{}",
    "input_fingerprint": "split:one,num_files:1",
    "span": 3,
}


def handed_on(driver_output: dict[str, Any]) -> dict[str, Any]:
    """Parameters as Kubeflow hands them on: every number is a double."""
    parameters: dict[str, Any] = as_output({"parameterValues": driver_output})["parameterValues"]
    numbers = {key: float(value) for key, value in parameters.items() if isinstance(value, int)}
    return {**parameters, **numbers}


@pytest.mark.parametrize("version", [{}, {"version": 0}, {"version": 2}])
def test_what_was_decided_arrives_as_it_was(version: dict[str, int]):
    found = taken({**handed_on({**DECIDED, **version}), "shards": 2.0})
    assert found == {**DECIDED, **version}
    assert [type(found[key]) for key in ("span", *version)] == [int] * (1 + len(version))


def test_no_parameter_of_the_task_is_without_a_value_and_none_is_more():
    output = as_output({"parameterValues": {**DECIDED, "more": "of TFX's own"}})
    assert output == {"parameterValues": {**DECIDED, "version": -1}}


def test_a_task_that_no_driver_comes_before_takes_nothing():
    assert taken({"input_config": "{}", "shards": 2.0}) is None


def test_other_data_than_those_that_were_decided_on_are_an_error():
    check_unchanged(DECIDED, DECIDED["input_fingerprint"])
    told = (
        r"^The data changed during the run: its fingerprint was split:one,nu… and is split:two,nu…;"
    )
    with pytest.raises(DataChangedError, match=told):
        check_unchanged(DECIDED, "split:two,num_files:1")
