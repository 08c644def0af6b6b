"""Kubeflow's own examples: kubeflow/pipelines backend/src/v2/cacheutils/cache_test.go."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from pipeline.kubeflow.dry_run.compiled import Task
from pipeline.kubeflow.dry_run.fingerprint import cache_key, fingerprint

MODEL = {
    "instanceSchema": "title: kfp.Model\ntype: object\nproperties:\n"
    "  framework:\n    type: string\n  framework_version:\n    type: string\n"
}
TASK = Task(
    name="train",
    inputs={},
    component={
        "outputDefinitions": {
            "parameters": {
                "output_parameter_one": {"parameterType": "STRING"},
                "output_parameter_two": {"parameterType": "INT"},
            }
        }
    },
    executor={"container": {"image": "python:3.11", "command": ["sh"], "args": ["ec", "test"]}},
    needs=frozenset(),
    cache=True,
    retries=0,
)


def document() -> dict[str, Any]:
    def one(**artifact: Any) -> dict[str, Any]:
        return {"artifacts": [artifact]}

    return {
        "inputs": {
            "parameterValues": {"message": "Some string value", "num_steps": 5.0},
            "artifacts": {
                "dataset_one": one(name="1", uri="gs://some-bucket/one"),
                "dataset_two": one(name="2", uri="gs://some-bucket/two"),
            },
        },
        "outputs": {
            "artifacts": {
                "model": one(name="model", type=MODEL, uri="gs://b/1", metadata={"name": "model"}),
                "metrics": one(
                    name="metrics",
                    type={"schemaTitle": "kfp.Metrics"},
                    uri="gs://b/2",
                    metadata={"name": "metrics"},
                ),
            },
            "parameters": {
                "output_parameter_one": {"outputFile": "/tmp/outputs/one"},
                "output_parameter_two": {"outputFile": "/tmp/outputs/two"},
            },
            "outputFile": "/tmp/kfp_outputs/output_metadata.json",
        },
    }


def test_it_is_the_fingerprint_that_kubeflow_computes():
    expected = "b498530c9016917298999ec0b01f364a180f8a3862bea0fa672a383ca3f22e4e"
    assert fingerprint(cache_key(TASK, document())) == expected


def test_it_is_kubeflows_for_a_task_with_little():
    key = {
        "inputArtifactNames": {"dataset": {"artifactNames": ["10"]}},
        "outputParametersSpec": {"output_parameter": "DOUBLE"},
        "containerSpec": {"cmdArgs": ["sh", "ec", "run"], "image": "python:3.11"},
    }
    expected = "3d9a2a778fa3174c6cfc6e639c507c265b5f21ef6e5b1dd70b236462cc6da464"
    assert fingerprint(key) == expected


def _other_input(made: dict[str, Any]) -> None:
    made["inputs"]["artifacts"]["dataset_one"]["artifacts"][0]["name"] = "3"


def _other_place(made: dict[str, Any]) -> None:
    made["outputs"]["artifacts"]["model"]["artifacts"][0]["uri"] = "gs://elsewhere"


def _other_parameter(made: dict[str, Any]) -> None:
    made["inputs"]["parameterValues"]["message"] = "<other>"


@pytest.mark.parametrize(
    ("change", "is_same"),
    [(_other_input, False), (_other_parameter, False), (_other_place, True)],
)
def test_what_counts(change, is_same: bool):
    made = document()
    change(made)
    same = fingerprint(cache_key(TASK, made)) == fingerprint(cache_key(TASK, document()))
    assert same is is_same


def test_volumes_count_and_the_environment_does_not():
    claimed = dataclasses.replace(TASK, claims=("b", "a", "b"))
    assert cache_key(claimed, document())["containerSpec"]["pvcNames"] == ["a", "b"]
    container = {**TASK.container, "env": [{"name": "A", "value": "1"}]}
    other = dataclasses.replace(TASK, executor={"container": container})
    assert cache_key(other, document()) == cache_key(TASK, document())
