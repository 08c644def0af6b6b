"""What an executor of this project cannot read or do without is found in the file it is told in."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from pipeline.kubeflow.validation.tasks.executors import EXECUTORS
from pipeline.kubeflow.validation.validate import validate_file
from tests.pipeline.kubeflow.validation.defects.compiled import File

pytestmark = pytest.mark.slow


def _set(name: str, value: Any, task: str = "Trainer"):
    return lambda f: f.constant(value, name, task)


def _within(name: str, task: str, change):
    """Changes the JSON inside a parameter."""

    def plant(file: File) -> None:
        value = json.loads(file.given(name, task)["runtimeValue"]["constant"])
        change(value)
        file.constant(json.dumps(value), name, task)

    return plant


def _default(name: str, value: Any):
    return lambda f: f.parameters()[name].update(defaultValue=value)


PARAMETERS = {
    "broken config": (_set("custom_config", '{"a":'), "Trainer.custom_config is not valid JSON"),
    "config that is a list": (_set("custom_config", "[]"), "not a JSON object but a list"),
    "config of nothing": (_set("custom_config", "{}"), "has no key `declaration`"),
    "config with a key twice": (_set("custom_config", '{"a": 1, "a": 2}'), "the key 'a' twice"),
    "a rate that is none": (
        _within("custom_config", "Trainer", lambda d: d["training"].update(learning_rate="fast")),
        "`training.learning_rate` = 'fast' is refused",
    ),
    "a rate that is not a number": (
        _within(
            "custom_config", "Trainer", lambda d: d["training"].update(learning_rate=float("nan"))
        ),
        "`training.learning_rate` = nan is refused",
    ),
    "no training": (
        _within("custom_config", "Trainer", lambda d: d.pop("training")),
        "has no key `training`",
    ),
    "no epochs": (_default("epochs", 0), "`training.epochs` = 0 is refused"),
    "half a digest": (_default("hub_sha256", "00"), "not 64 hexadecimal digits"),
    "an empty handle": (_default("hub_handle", ""), "hub.handle"),
    "a metric that nothing reaches": (_default("metric_min", 7.0), "Evaluator.eval_config"),
    "config of the Pusher": (_set("custom_config", "{", "Pusher"), "Pusher.custom_config"),
    "config of Transform": (_set("custom_config", "[]", "Transform"), "Transform.custom_config"),
    "half a configuration of the evaluation": (
        _set("eval_config", '{"metrics_specs":', "Evaluator"),
        "is not valid JSON",
    ),
    "an unknown key of the evaluation": (
        _within("eval_config", "Evaluator", lambda d: d.update(metric_specs=[])),
        "is no EvalConfig",
    ),
    "a metric that is not there": (
        _within(
            "eval_config",
            "Evaluator",
            lambda d: d["metrics_specs"][0]["metrics"][0].update(class_name="Acuracy"),
        ),
        "names the metric 'Acuracy'",
    ),
    "a split that is not there": (
        _set("train_args", '{"splits": ["trian"]}'),
        "names the split 'trian'; there are train, eval, test",
    ),
    "a split that is text": (_set("train_args", '{"splits": "train"}'), "is no TrainArgs"),
    "no split": (_set("eval_args", "{}"), "names no split"),
    "splits without quotes": (_set("example_splits", "[eval]", "Evaluator"), "is not valid JSON"),
    "splits that are an object": (_set("exclude_splits", "{}", "StatisticsGen"), "is no list"),
    "an unknown budget": (
        _within("options", "ServingCheck", lambda d: d.update(p51_ms=1)),
        "did you mean `serving_check.p50_ms`",
    ),
    "a budget in words": (
        _within("options", "ServingCheck", lambda d: d.update(p50_ms="fast")),
        "`serving_check.p50_ms` = 'fast' is refused",
    ),
    "a name with a slash": (_set("model_name", "a/b", "ServingCheck"), "'a/b' names no model"),
    "a destination with more": (
        _within("push_destination", "Pusher", lambda d: d["filesystem"].update(base="gs://x")),
        "is no PushDestination",
    ),
    "files without pattern": (
        _within("input_config", "ExampleGenDriver", lambda d: d["splits"][0].pop("pattern")),
        "has no pattern for the split 'train'",
    ),
    "an unknown payload": (_set("output_data_format", 99.0, "ExampleGen"), "PayloadFormat's"),
    "no shards": (_set("shards", 0.0, "ExampleGen"), "= 0 is less than 1"),
    "a kind that is none": (
        _within("declaration", "ExampleGen", lambda d: d["features"]["image"].update(kind="video")),
        "'video' is refused",
    ),
    "a schema that is none": (
        _set("schema_text", 'feature { nam: "x" }', "ImportSchemaGen"),
        "is no schema in protobuf text",
    ),
    "a schema of another digest": (
        _set("schema_sha256", "0" * 64, "ImportSchemaGen"),
        "is not the digest of schema_text",
    ),
    "another word than stop": (_set("on_anomaly", "halt", "ExampleValidator"), "stop or warn"),
    "nothing": (
        lambda f: f.task("ServingCheck")["inputs"]["parameters"].pop("options"),
        "is not given, and its executor reads it",
    ),
}
ARTIFACTS = {
    "the executor of another node": lambda f: f.container()["args"].__setitem__(
        f.container()["args"].index("components.trainer.executor.Executor"),
        "components.pusher.executor.Executor",
    ),
    "an output of another name": lambda f: f.gives().update(run=f.gives().pop("model_run")),
    "no model to check": lambda f: f.task("ServingCheck")["inputs"]["artifacts"].pop("model"),
}


@pytest.mark.parametrize("defect", PARAMETERS)
def test_what_a_step_cannot_read_is_told_before_it_begins(compiled_documents, findings_of, defect):
    plant, said = PARAMETERS[defect]
    plant(File(compiled_documents))
    found = [f for f in findings_of(compiled_documents) if f.check == "executor-parameters"]
    assert said in " ".join(finding.problem for finding in found)


@pytest.mark.parametrize("defect", ARTIFACTS)
def test_what_an_executor_cannot_do_without(compiled_documents, findings_of, defect):
    ARTIFACTS[defect](File(compiled_documents))
    assert "executor-artifacts" in [f.check for f in findings_of(compiled_documents)]


def test_a_value_for_one_run_is_held_against_the_same(oss_file):
    [found] = validate_file(oss_file, "oss", ["epochs=0"])
    assert "`training.epochs` = 0 is refused" in found.problem
    assert found.fix.endswith("--param epochs or hub_handle or hub_sha256")


def test_every_executor_that_is_compiled_is_known_as_it_is(oss_documents):
    spec = oss_documents[0]
    for name, component in spec["components"].items():
        container = spec["deploymentSpec"]["executors"][component["executorLabel"]]["container"]
        path = dict(itertools.pairwise(container["args"]))["--executor_class_path"]
        known = EXECUTORS[path]
        assert {*known.takes} == {*component["inputDefinitions"].get("artifacts", {})}
        assert {*known.reads} <= {*component["inputDefinitions"]["parameters"]}
        if name != "ExampleGenDriver":
            assert {*known.gives} == {*component["outputDefinitions"]["artifacts"]}
