"""A pipeline of two nodes in the form that TFX compiles."""

from __future__ import annotations

import copy
import json
import os
from typing import Any

import pytest
import yaml

from pipeline.kubeflow.postprocess import postprocess
from pipeline.kubeflow.run_parameters import RunParameter
from pipeline.sections.kubeflow import KubeflowOptions
from tests.pipeline.kubeflow.standin import KubeflowServer, serving

Json = dict[str, Any]

FOLDER = "/home/somebody/checkout"
"""Where the project lies on the machine that compiles."""


def _container(executor: str, inputs: Json) -> Json:
    return {
        "image": f"example.com/tfx@sha256:{'0' * 64}",
        "command": ["python", "-m", "pipeline.kubeflow.entrypoint"],
        "args": [
            *("--executor_class_path", executor),
            *("--json_serialized_invocation_args", "{{$}}"),
            *("--json_serialized_inputs_spec_args", json.dumps(inputs)),
            f"--setup_file={FOLDER}/setup.py",
        ],
    }


@pytest.fixture
def compiled() -> Json:
    """What KubeflowV2DagRunner makes of ExampleGen and Pusher."""
    artifact = {"artifactType": {"instanceSchema": "title: tfx.Examples\ntype: object\n"}}
    text = {"parameterType": "STRING"}
    takes: dict[str, Json] = {
        "ExampleGen": {"parameters": {"input_base": text}},
        "Pusher": {
            "artifacts": {"examples": artifact},
            "parameters": {"push_destination": text, "schema_file": text},
        },
    }
    # Those of TFX and of the node after it: of others it is known what else they need.
    example_gen = _container(
        "tfx.components.example_gen.csv_example_gen.executor.Executor", takes["ExampleGen"]
    )
    example_gen["lifecycle"] = {
        "preCacheCheck": {
            "command": ["python", "-m", "tfx.orchestration.kubeflow.v2.file_based_example_gen"],
            "args": ["--json_serialized_invocation_args", "{{$}}"],
        }
    }
    destination = {"filesystem": {"base_directory": "gs://bucket/serving"}}
    return {
        "schemaVersion": "2.1.0",
        "sdkVersion": "tfx-1.16.0",
        "pipelineInfo": {"name": "tiny"},
        "components": {
            "ExampleGen": {
                "executorLabel": "ExampleGen_executor",
                "inputDefinitions": copy.deepcopy(takes["ExampleGen"]),
                "outputDefinitions": {"artifacts": {"examples": artifact}},
            },
            "Pusher": {
                "executorLabel": "Pusher_executor",
                "inputDefinitions": copy.deepcopy(takes["Pusher"]),
            },
        },
        "deploymentSpec": {
            "executors": {
                "ExampleGen_executor": {"container": example_gen},
                "Pusher_executor": {
                    "container": _container(
                        "components.variants.executor.Executor", takes["Pusher"]
                    )
                },
            }
        },
        "root": {
            "dag": {
                "tasks": {
                    "ExampleGen": {
                        "componentRef": {"name": "ExampleGen"},
                        "taskInfo": {"name": "ExampleGen"},
                        "cachingOptions": {"enableCache": True},
                        "inputs": {
                            "parameters": {
                                "input_base": {"runtimeValue": {"constant": "gs://bucket/data"}}
                            }
                        },
                    },
                    "Pusher": {
                        "componentRef": {"name": "Pusher"},
                        "taskInfo": {"name": "Pusher"},
                        "cachingOptions": {"enableCache": True},
                        "dependentTasks": ["ExampleGen"],
                        "inputs": {
                            "artifacts": {
                                "examples": {
                                    "taskOutputArtifact": {
                                        "producerTask": "ExampleGen",
                                        "outputArtifactKey": "examples",
                                    }
                                }
                            },
                            "parameters": {
                                "push_destination": {
                                    "runtimeValue": {"constant": json.dumps(destination)}
                                },
                                "schema_file": {
                                    "runtimeValue": {"constant": f"{FOLDER}/configs/a.pbtxt"}
                                },
                            },
                        },
                    },
                }
            }
        },
    }


def for_cluster(compiled):
    """Both documents of a compiled file for open-source Kubeflow: pipeline and pods' settings."""
    return postprocess(
        compiled,
        KubeflowOptions.model_validate({"nodes": {"Pusher": {"node_selector": {"pool": "a"}}}}),
        target="oss",
        pipeline_root="gs://bucket/root",
        repository="/home/somebody/checkout",
        parameters={"data": RunParameter("ExampleGen", "input_base")},
    )


@pytest.fixture
def documents(compiled):
    """`compiled` as it is written: the pipeline and Kubernetes' settings.

    Without the hook there is no task for a driver, so it has the two nodes.
    """
    del compiled["deploymentSpec"]["executors"]["ExampleGen_executor"]["container"]["lifecycle"]
    return for_cluster(compiled)


@pytest.fixture
def file(tmp_path, documents):
    path = tmp_path / "pipeline.yaml"
    path.write_text(yaml.safe_dump_all(json.loads(json.dumps(documents))))
    return path


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder and an environment that know no server and no login."""
    for name in [n for n in os.environ if n.startswith(("KFP_", "KF_PIPELINES_", "GOOGLE_"))]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture
def server(home):
    with KubeflowServer() as server, serving(server):
        yield server
