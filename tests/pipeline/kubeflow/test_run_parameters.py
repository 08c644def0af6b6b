"""Parameters of a run: exposed when compiling, put in place inside the container."""

import copy
import json

import pytest

from pipeline.kubeflow.run_parameters import (
    RunParameter,
    RunParameterError,
    expose,
    filled_in,
    run_parameters,
)
from pipeline.settings import REPOSITORY, load_settings

EPOCHS = RunParameter("Trainer", "custom_config", ("training", "epochs"), "NUMBER_INTEGER")
CONFIG = json.dumps({"training": {"epochs": 8, "seed": 0}, "hub": {"handle": "a", "sha256": "b"}})


def _spec():
    constant = {"runtimeValue": {"constant": CONFIG}}
    return {
        "components": {"Trainer": {"inputDefinitions": {"parameters": {"custom_config": {}}}}},
        "root": {
            "dag": {
                "tasks": {
                    "Trainer": {
                        "componentRef": {"name": "Trainer"},
                        "inputs": {"parameters": {"custom_config": constant}},
                    }
                }
            }
        },
    }


def test_a_value_inside_json_becomes_an_input_with_the_compiled_default():
    spec = _spec()
    made = expose(spec, {"epochs": EPOCHS})
    assert spec == _spec()
    given = made["root"]["dag"]["tasks"]["Trainer"]["inputs"]["parameters"]
    assert given["epochs"] == {"componentInputParameter": "epochs"}
    assert given["custom_config"] == {"runtimeValue": {"constant": CONFIG}}
    defined = made["components"]["Trainer"]["inputDefinitions"]["parameters"]
    assert defined["epochs"] == {"parameterType": "NUMBER_INTEGER"}
    assert made["root"]["inputDefinitions"]["parameters"] == {
        "epochs": {"parameterType": "NUMBER_INTEGER", "defaultValue": 8}
    }


def test_what_is_not_there_is_no_parameter():
    missing = RunParameter("Trainer", "custom_config", ("training", "nothing", 0))
    elsewhere = RunParameter("Tuner", "custom_config", ("training",))
    # A pipeline without a Hub module has null there.
    of_null = RunParameter("Trainer", "custom_config", ("training", "epochs", "handle"))
    assert expose(_spec(), {"a": missing, "b": elsewhere, "c": of_null}) == _spec()


def test_the_container_puts_the_values_where_tfx_looks():
    given = {
        "inputs": {
            "parameterValues": {
                "custom_config": CONFIG,
                "epochs": 3.0,
                "hub_handle": "https://example.com/module",
                "hub_sha256": "",
            }
        }
    }
    before = copy.deepcopy(given)
    values = filled_in(given)["inputs"]["parameterValues"]
    assert given == before
    assert set(values) == {"custom_config"}
    config = json.loads(values["custom_config"])
    assert config["training"] == {"epochs": 3, "seed": 0}
    assert isinstance(config["training"]["epochs"], int)
    assert config["hub"] == {"handle": "https://example.com/module", "sha256": None}


def test_an_input_of_that_name_elsewhere_stays():
    given = {"inputs": {"parameterValues": {"epochs": 3.0}}, "outputs": {}}
    assert filled_in(given) == given
    assert filled_in({"outputs": {}}) == {"outputs": {}}


def test_the_threshold_of_the_first_metric_can_be_set_where_there_is_one():
    quick = REPOSITORY / "configs" / "quick.yaml"
    assert "metric_min" in run_parameters(load_settings(quick))
    metric = "{metric: SparseCategoricalAccuracy, per_slice: {label: {min: 0.2}}}"
    settings = load_settings(quick, [f"evaluation.metrics=[{metric}]"])
    assert "metric_min" not in run_parameters(settings)


def test_half_an_epoch_is_refused_in_the_container_too():
    given = {"inputs": {"parameterValues": {"custom_config": CONFIG, "epochs": 1.5}}}
    with pytest.raises(
        RunParameterError, match=r"Parameter epochs = 1\.5 must be a whole number\."
    ):
        filled_in(given)
