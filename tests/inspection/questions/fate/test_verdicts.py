"""Why TFX's own validators refused a model is read from what they leave."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import tensorflow as tf
from tensorflow_metadata.proto.v0 import anomalies_pb2
from tensorflow_model_analysis.proto import validation_result_pb2

from inspection.__main__ import main
from tests.inspection.recorded_runs import RECORDED
from tests.inspection.store_writer import Out, StoreWriter, stock_run

TFMA = RECORDED / "artifacts" / "Evaluator" / "evaluation" / "29"


@pytest.fixture
def why(store, capsys):
    def ask(code: int = 3) -> str:
        assert main(["why", "latest", "--store", str(store.root)]) == code
        return capsys.readouterr().out

    return ask


def evaluation_folder(store: StoreWriter, found: dict[str, int]) -> Path:
    [artifact] = store.client.get_artifacts_by_id([found["evaluation"]])
    return Path(artifact.uri)


def test_a_threshold_that_was_missed(store, why):
    found = stock_run(store, "taxi", "1", base=store.root / "serving", blessed=False)
    for file in TFMA.iterdir():
        shutil.copy(file, evaluation_folder(store, found))
    said = why()
    first = said.splitlines()[0]
    assert "refused: Evaluator: sparse_categorical_accuracy on label=0 is 0.825, below" in first
    assert "below the lower bound 0.99; " in first
    assert "more did not hold." in first
    assert "sparse_categorical_accuracy on label=6  " in said


def write(folder: Path, text: str) -> None:
    from google.protobuf import text_format

    result = text_format.Parse(text, validation_result_pb2.ValidationResult())
    with tf.io.TFRecordWriter(str(folder / "validations.tfrecord")) as writer:
        writer.write(result.SerializeToString())


@pytest.mark.medium
@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            """metric_validations_per_slice {
              slice_key { single_slice_keys { column: "trip" bytes_value: "x" } }
              failures {
                metric_key { name: "auc" }
                metric_threshold { change_threshold { absolute { value: -0.01 } } }
                metric_value { double_value { value: -0.25 } } } }""",
            "auc on trip=x changed by -0.25 against the baseline, where -0.01 is allowed.",
        ),
        (
            """metric_validations_per_slice {
              failures {
                metric_key { name: "loss" }
                metric_threshold { value_threshold { upper_bound { value: 0 } } }
                metric_value { double_value { value: 0.5 } } } }""",
            "loss on overall is 0.5, above the upper bound 0.",
        ),
        (
            """metric_validations_per_slice {
              failures { metric_key { name: "auc" } message: "Metric not found." } }""",
            "auc on overall: Metric not found.",
        ),
        (
            "missing_thresholds: true",
            "no thresholds are set, so nothing can be blessed.",
        ),
        (
            'missing_slices { feature_values { key: "trip" value: "y" } }',
            "no examples of slice trip=y were evaluated.",
        ),
    ],
)
def test_other_things_that_did_not_hold(store, why, written, said):
    found = stock_run(store, "taxi", "1", base=store.root / "serving", blessed=False)
    write(evaluation_folder(store, found), written)
    assert f"was refused: Evaluator: {said}" in why().splitlines()[0]


def test_without_files_the_reason_is_missing_and_said_to_be(store, why):
    stock_run(store, "taxi", "1", base=store.root / "serving", blessed=False)
    assert "Evaluator did not bless the model and left no reason." in why()


def refused_by_infra(store: StoreWriter) -> None:
    run = store.run("taxi", "1")
    made = run.node("Trainer", {}, {"model": Out("Model")})
    run.node(
        "InfraValidator",
        {"model": made["model"]},
        {"blessing": Out("InfraBlessing", {"blessed": 0})},
        serving_spec='{"model_name": "taxi", "tensorflow_serving": {"tags": ["latest"]}}',
        validation_spec='{"num_tries": 5, "max_loading_time_seconds": 300}',
    )
    run.node("Pusher", {"model": made["model"]}, {"pushed": Out("PushedModel", {"pushed": 0})})


def test_infra_validator_says_how_it_asked_and_what_the_log_has(store, why):
    refused_by_infra(store)
    asked = "the model server did not take the model (5 tries, 300 s to load, model taxi)"
    assert f"InfraValidator: {asked}; why is only in the log" in why()
    (store.root / "logs").mkdir()
    (store.root / "logs" / "1.log").write_text(
        "ERROR:absl:Infra validation (attempt 5/5) failed.\n"
        "Traceback (most recent call last):\n"
        '  File "/x/executor.py", line 3, in _ValidateOnce\n'
        "tfx.components.infra_validator.error_types.DeadlineExceeded: Deadline exceeded while "
        "waiting.\n"
    )
    assert f"{asked}: DeadlineExceeded: Deadline exceeded while waiting." in why()


def test_anomalies_stand_beside_even_where_the_model_was_pushed(store, why):
    run = store.run("taxi", "1")
    made = run.node("CsvExampleGen", {}, {"examples": Out("Examples")})
    found = run.node(
        "ExampleValidator",
        {"examples": made["examples"]},
        {"anomalies": Out("ExampleAnomalies", {"blessed": '{"train": 1, "eval": 0}'})},
    )
    model = run.node("Trainer", {"examples": made["examples"]}, {"model": Out("Model")})
    run.node("Pusher", model, {"pushed": Out("PushedModel", {"pushed": 1,
             "pushed_destination": "gs://b/taxi/7", "pushed_version": "7"})})  # fmt: skip
    assert "ExampleValidator found anomalies in split eval." in why(0)
    [artifact] = store.client.get_artifacts_by_id([found["anomalies"]])
    folder = Path(artifact.uri) / "Split-eval"
    folder.mkdir()
    anomalies = anomalies_pb2.Anomalies()
    anomalies.anomaly_info["fare"].short_description = "Column dropped"
    (folder / "SchemaDiff.pb").write_bytes(anomalies.SerializeToString())
    assert "ExampleValidator: fare in split eval: Column dropped." in why(0)


def test_what_a_pusher_says_itself_comes_first(store, why):
    run = store.run("taxi", "1")
    model = run.node("Trainer", {}, {"model": Out("Model")})
    run.node("Pusher", model, {"pushed": Out("PushedModel", {"pushed": 0, "reason": "full."})})
    assert "was refused: full." in why()
