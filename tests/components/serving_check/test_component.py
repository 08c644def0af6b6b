"""The node as a pipeline wires it."""

import pytest
from tfx import types
from tfx.types import standard_artifacts

from components.serving_check.component import ServingCheck, ServingReport
from components.serving_check.options import OptionsError


def _node(**arguments):
    return ServingCheck(
        model=types.Channel(type=standard_artifacts.Model),
        examples=types.Channel(type=standard_artifacts.Examples),
        model_name="small",
        **arguments,
    )


def test_it_gives_a_blessing_that_the_standard_pusher_takes_and_a_report():
    node = _node(options='{"p99_ms": 5}', code_hash="abc")
    assert node.outputs["blessing"].type is standard_artifacts.InfraBlessing
    assert node.outputs["report"].type is ServingReport
    assert node.exec_properties["options"] == '{"p99_ms": 5}'
    assert node.exec_properties["code_hash"] == "abc"


def test_a_mistake_in_the_options_is_found_before_anything_runs():
    with pytest.raises(OptionsError, match=r"did you mean `serving_check\.p99_ms`"):
        _node(options='{"p99": 5}')
