"""ExecutorInputs, as the driver and the launcher of Kubeflow Pipelines 2.17 wrote them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.kubeflow.dry_run.compiled import DryRunError, Task
from pipeline.kubeflow.dry_run.driver import executor_input, launched

MODEL = {"instanceSchema": "title: tfx.Model\ntype: object\n"}
ROOT = "minio://mlpipeline/v2/artifacts/tiny/5f1c/Check/91f0"
FILE = "/minio/mlpipeline/v2/artifacts/tiny/5f1c/Check/91f0/output_metadata.json"


def task(
    parameters: dict[str, Any] | None = None, kinds: dict[str, Any] | None = None, **sides: Any
) -> Task:
    return Task(
        name="Check",
        inputs={"parameters": parameters or {}, **sides.get("inputs", {})},
        component={
            "inputDefinitions": {"parameters": kinds or {}},
            "outputDefinitions": sides.get("outputs", {}),
        },
        executor={"container": {}},
        needs=frozenset(),
        cache=True,
        retries=0,
    )


def oss(made: Task, finished: dict[str, Any] | None = None, **parameters: Any) -> dict[str, Any]:
    return executor_input(
        made, finished or {}, parameters, oss=True, task_root=ROOT, output_file=FILE
    )


def test_a_task_with_nothing_gets_its_logs_and_no_empty_maps():
    assert oss(task()) == {
        "inputs": {},
        "outputs": {
            "artifacts": {
                "executor-logs": {
                    "artifacts": [
                        {
                            "name": "executor-logs",
                            "type": {"schemaTitle": "system.Artifact"},
                            "uri": f"{ROOT}/executor-logs",
                        }
                    ]
                }
            },
            "outputFile": FILE,
        },
    }


def test_what_a_task_gets_and_gives():
    made = task(
        inputs={
            "artifacts": {
                "model": {
                    "taskOutputArtifact": {
                        "producerTask": "Trainer",
                        "outputArtifactKey": "model",
                    }
                }
            }
        },
        outputs={
            "artifacts": {"blessing": {"artifactType": MODEL}},
            "parameters": {"span": {"parameterType": "NUMBER_INTEGER"}},
        },
    )
    left = {
        "name": "7",
        "type": MODEL,
        "uri": "gs://b/model",
        "metadata": {"hub": {"a": 1.0}, "labels": ["x"], "trainable": True, "steps": 5.0},
    }
    document = oss(made, {"Trainer": {"artifacts": {"model": left}, "parameters": {}}})
    [artifact] = document["inputs"]["artifacts"]["model"]["artifacts"]
    assert artifact == {
        "name": "7",
        "type": {"instanceSchema": ""},
        "uri": "gs://b/model",
        "metadata": {
            "display_name": "model",
            "store_session_info": '{"Provider":"gs","Params":{"fromEnv":"true"}}',
            "hub": {"struct": {"a": 1}},
            "labels": {"list": ["x"]},
            "trainable": 1,
            "steps": 5,
        },
    }
    [given] = document["outputs"]["artifacts"]["blessing"]["artifacts"]
    assert given == {"name": "blessing", "type": MODEL, "uri": f"{ROOT}/blessing"}
    assert document["outputs"]["parameters"] == {"span": {"outputFile": "/tmp/kfp/outputs/span"}}


def test_kubeflows_own_store_is_reached_with_its_secret():
    left = {"name": "1", "type": MODEL, "uri": "minio://mlpipeline/m", "metadata": {}}
    source = {"taskOutputArtifact": {"producerTask": "A", "outputArtifactKey": "m"}}
    made = task(inputs={"artifacts": {"m": source}})
    document = oss(made, {"A": {"artifacts": {"m": left}, "parameters": {}}})
    [artifact] = document["inputs"]["artifacts"]["m"]["artifacts"]
    info = json.loads(artifact["metadata"]["store_session_info"])
    assert info["Params"]["secretName"] == "mlpipeline-minio-artifact"


@pytest.mark.parametrize(
    ("kind", "value", "given"),
    [
        ("STRING", 2.0, "2"),
        ("STRING", 0.5, "0.5"),
        ("STRING", 1e-7, "0.0000001"),
        ("STRING", True, "true"),
        ("STRING", {"a": 1}, '{"a": 1}'),
        ("NUMBER_INTEGER", 3.0, 3),
        ("NUMBER_DOUBLE", 0.25, 0.25),
        ("BOOLEAN", False, False),
    ],
)
def test_a_value_is_given_as_its_type_demands(kind: str, value: Any, given: Any):
    source = {"p": {"runtimeValue": {"constant": value}}}
    document = oss(task(source, {"p": {"parameterType": kind}}))
    found = document["inputs"]["parameterValues"]["p"]
    assert found == given
    assert type(found) is type(given)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("NUMBER_INTEGER", "3"),
        ("BOOLEAN", 1),
        ("STRUCT", []),
        ("LIST", {}),
        ("NUMBER_DOUBLE", True),
    ],
)
def test_a_value_of_another_type_is_refused_as_the_driver_refuses_it(kind: str, value: Any):
    source = {"p": {"runtimeValue": {"constant": value}}}
    with pytest.raises(DryRunError, match=f"parameter p is .* which is no {kind}"):
        oss(task(source, {"p": {"parameterType": kind}}))


def test_the_launcher_fills_in_defaults_and_numbers_the_attempt():
    made = task(kinds={"p": {"parameterType": "NUMBER_DOUBLE", "defaultValue": 2.0}})
    document = oss(made)
    assert document["inputs"] == {}
    filled = launched(made, document)
    assert filled["inputs"] == {"parameterValues": {"p": 2}}
    [logs] = filled["outputs"]["artifacts"]["executor-logs"]["artifacts"]
    assert logs["uri"] == f"{ROOT}/executor-logs-0"
