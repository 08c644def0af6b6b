"""ExecutorInputs as the drivers of open-source Kubeflow and of Vertex write them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from components.kept_at import KEPT_AT, kept_at
from pipeline.kubeflow.entry.adapt import (
    adapt,
    has_launcher,
    merge_driver_output,
    restored,
    run_id,
    without_empty_baseline,
)

MODEL_TYPE = {"instanceSchema": "title: tfx.Model\ntype: object\n"}
INPUTS_SPEC = {
    "artifacts": {
        "model": {"artifactType": MODEL_TYPE},
        "baseline_model": {"artifactType": MODEL_TYPE},
    }
}
ROOT = "gs://bucket/root/fashion-mnist/4c2f"


def oss() -> dict[str, Any]:
    """As kubeflow/pipelines' driver writes it for an Evaluator."""
    return {
        "inputs": {
            "parameterValues": {"eval_config": "{}", "base_path": "gs://bucket/serving"},
            "artifacts": {
                "model": {
                    "artifacts": [
                        {
                            "name": "17",
                            "type": {"instanceSchema": ""},
                            "uri": f"{ROOT}/Trainer/1/model",
                            "metadata": {
                                "display_name": "model",
                                "hub": {"struct": {"handle": "h"}},
                                "labels": {"list": ["Bag", "Coat"]},
                                "trained_from": f"{ROOT}/Trainer/1/model/checkpoint",
                                "destination": "gs://bucket/serving/3",
                                "seconds": 3.5,
                            },
                        }
                    ]
                },
                "baseline_model": {
                    "artifacts": [{"name": "18", "uri": f"{ROOT}/Baseline/2/baseline"}]
                },
                "never_made": {"artifacts": []},
            },
        },
        "outputs": {
            "artifacts": {
                "blessing": {
                    "artifacts": [
                        {
                            "type": {"instanceSchema": "title: tfx.ModelBlessing\n"},
                            "uri": f"{ROOT}/Evaluator/3/blessing",
                        }
                    ]
                },
                "executor-logs": {
                    "artifacts": [
                        {
                            "type": {"schemaTitle": "system.Artifact"},
                            "uri": f"{ROOT}/Evaluator/3/executor-logs",
                        }
                    ]
                },
            },
            "outputFile": "/tmp/kfp_outputs/output_metadata.json",
        },
    }


def vertex() -> dict[str, Any]:
    document = oss()
    document["inputs"]["artifacts"]["model"]["artifacts"][0]["type"] = MODEL_TYPE
    del document["inputs"]["artifacts"]["never_made"]
    del document["outputs"]["artifacts"]["executor-logs"]
    document["outputs"]["outputFile"] = f"{ROOT}/Evaluator_1/executor_output.json"
    return document


def only(side: dict[str, Any], key: str) -> dict[str, Any]:
    [artifact] = side["artifacts"][key]["artifacts"]
    return artifact


def test_untyped_inputs_get_the_type_of_the_tasks_specification():
    adapted, _ = adapt(oss(), INPUTS_SPEC, "/")
    assert only(adapted["inputs"], "model")["type"] == MODEL_TYPE
    assert only(adapted["inputs"], "baseline_model")["type"] == MODEL_TYPE


def test_a_type_that_is_there_stays():
    document = oss()
    own = {"instanceSchema": "title: components.ServingReport\n"}
    only(document["inputs"], "model")["type"] = own
    adapted, _ = adapt(document, INPUTS_SPEC, "/")
    assert only(adapted["inputs"], "model")["type"] == own


def test_the_drivers_logs_are_no_output():
    adapted, _ = adapt(oss(), INPUTS_SPEC, "/")
    assert set(adapted["outputs"]["artifacts"]) == {"blessing"}


def test_an_input_without_artifacts_is_none():
    adapted, _ = adapt(oss(), INPUTS_SPEC, "/")
    assert set(adapted["inputs"]["artifacts"]) == {"model", "baseline_model"}


def test_artifacts_lie_where_the_launcher_put_them_and_parameters_stay():
    adapted, places = adapt(oss(), INPUTS_SPEC, "/")
    model = only(adapted["inputs"], "model")
    local = f"/gcs/{ROOT.removeprefix('gs://')}"
    assert model["uri"] == f"{local}/Trainer/1/model"
    assert model["customProperties"] == {KEPT_AT: {"stringValue": f"{ROOT}/Trainer/1/model"}}
    assert model["metadata"]["trained_from"] == f"{local}/Trainer/1/model/checkpoint"
    assert model["metadata"]["destination"] == "gs://bucket/serving/3"
    assert only(adapted["outputs"], "blessing")["uri"] == f"{local}/Evaluator/3/blessing"
    assert adapted["inputs"]["parameterValues"] == oss()["inputs"]["parameterValues"]
    output = {
        "artifacts": {
            "blessing": {
                "artifacts": [
                    {
                        "uri": f"{local}/Evaluator/3/blessing",
                        "metadata": {"blessed": 1.0, "current_model": f"{local}/Trainer/1/model"},
                    }
                ]
            }
        }
    }
    blessing = only(restored(output, places), "blessing")
    assert blessing == {
        "uri": f"{ROOT}/Evaluator/3/blessing",
        "metadata": {"blessed": 1.0, "current_model": f"{ROOT}/Trainer/1/model"},
    }


@pytest.mark.slow  # imports TFX, which executors have imported
def test_executors_of_tfx_know_where_their_inputs_are_kept():
    from google.protobuf import json_format
    from kfp.pipeline_spec import pipeline_spec_pb2
    from tfx.orchestration.kubeflow.v2.container import kubeflow_v2_entrypoint_utils

    adapted, _ = adapt(oss(), INPUTS_SPEC, "/")
    given = pipeline_spec_pb2.ExecutorInput()
    json_format.ParseDict(adapted, given, ignore_unknown_fields=True)
    [model] = kubeflow_v2_entrypoint_utils.parse_raw_artifact_dict(given.inputs.artifacts, {})[
        "model"
    ]
    assert model.uri == only(adapted["inputs"], "model")["uri"]
    assert kept_at(model) == f"{ROOT}/Trainer/1/model"


def test_wrapped_metadata_is_unwrapped():
    adapted, _ = adapt(oss(), INPUTS_SPEC, "/")
    metadata = only(adapted["inputs"], "model")["metadata"]
    assert metadata["hub"] == {"handle": "h"}
    assert metadata["labels"] == ["Bag", "Coat"]
    assert metadata["seconds"] == 3.5


def test_vertex_needs_nothing_of_it():
    document = vertex()
    document["inputs"]["artifacts"].pop("baseline_model")
    only(document["inputs"], "model")["metadata"] = {"steps": 5}
    before = copy.deepcopy(document)
    adapted, places = adapt(document, INPUTS_SPEC, "/")
    assert adapted == before == document
    assert not has_launcher(document)
    assert restored(document["outputs"], places) == before["outputs"]


def test_only_a_baseline_without_files_is_dropped():
    adapted, _ = adapt(oss(), INPUTS_SPEC, "/")
    uri = only(adapted["inputs"], "baseline_model")["uri"]
    assert without_empty_baseline(adapted, [uri]) == adapted
    assert set(without_empty_baseline(adapted, [])["inputs"]["artifacts"]) == {"model"}


def test_what_a_driver_decided_reaches_parameters_and_output():
    adapted, _ = adapt(oss(), INPUTS_SPEC, "/")
    merged = merge_driver_output(
        adapted,
        {
            "parameterValues": {"span": 3, "eval_config": "{1}"},
            "artifacts": {"blessing": {"artifacts": [{"metadata": {"span": 3}}]}},
        },
    )
    assert merged["inputs"]["parameterValues"] == {
        "eval_config": "{1}",
        "base_path": "gs://bucket/serving",
        "span": 3,
    }
    assert only(merged["outputs"], "blessing")["metadata"] == {"span": 3}
    assert "span" not in adapted["inputs"]["parameterValues"]


RUN, ATTEMPT = "5f1c9d1e-0b57-4c36-9d3a-b0a3f8a5a001", "91f0a7a4-31ab-4f6e-8ed6-0d5b1f3f0c02"


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        (f"gs://b/root/fashion-mnist/{RUN}/Trainer/{ATTEMPT}/model", RUN),
        (f"minio://mlpipeline/v2/artifacts/fashion-mnist/{RUN}/Trainer/{ATTEMPT}/model", RUN),
        (f"s3://b/fashion-mnist/{RUN}/Trainer/model", RUN),
        # A root that holds such an id itself.
        (f"gs://b/{ATTEMPT}/fashion-mnist/{RUN}/Trainer/{ATTEMPT}/model", RUN),
        ("gs://b/root/123456/fashion-mnist-20261125/Trainer_-8765/model", "fashion-mnist-20261125"),
        ("gs://b/somewhere/model", None),
    ],
)
def test_a_run_is_known_by_the_uris_of_its_outputs(uri: str, said: str | None):
    assert run_id({"outputs": {"artifacts": {"model": {"artifacts": [{"uri": uri}]}}}}) == said


def test_without_outputs_no_run_is_known():
    assert run_id({"outputs": {}}) is None
