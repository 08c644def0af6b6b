"""The Trainer's executor: what it adds to the record that a run_fn leaves."""

import hashlib
import json
from pathlib import Path

import pytest
from tfx.types import artifact_utils, standard_artifacts

from components.trainer.executor import Executor
from components.trainer.record import read_record

RUN_FN = """
import json, os
def run_fn(fn_args):
    os.makedirs(fn_args.serving_model_dir)
    folder = os.path.dirname(fn_args.serving_model_dir)
    record = {"hub": {"handle": "some/module", "sha256": "ab" * 32, "trainable": True}, "steps": 7}
    record["modules"] = {"remarks": {"handle": "nnlm", "trainable": False}}
    with open(os.path.join(folder, "training.json"), "w") as file:
        json.dump(record, file)
"""


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> standard_artifacts.Model:
    (tmp_path / "users_code.py").write_text(RUN_FN)
    monkeypatch.syspath_prepend(str(tmp_path))
    examples = standard_artifacts.Examples()
    examples.uri = str(tmp_path / "examples")
    examples.split_names = artifact_utils.encode_split_names(["train", "eval"])
    examples.set_int_custom_property("examples_train", 55_000)
    examples.set_int_custom_property("examples_eval", 5_000)
    examples.set_string_custom_property("fingerprint", "f00d")
    schema = standard_artifacts.Schema()
    schema.uri = str(tmp_path / "schema")
    (tmp_path / "schema").mkdir()
    (tmp_path / "schema" / "schema.pbtxt").write_text('feature { name: "label" }')
    model, model_run = standard_artifacts.Model(), standard_artifacts.ModelRun()
    model.uri, model_run.uri = str(tmp_path / "model"), str(tmp_path / "model_run")
    Executor().Do(
        {"examples": [examples], "schema": [schema]},
        {"model": [model], "model_run": [model_run]},
        {
            "run_fn": "users_code.run_fn",
            "custom_config": json.dumps({"code_hash": "c0de", "data_source": "debian"}),
            "train_args": "{}",
            "eval_args": "{}",
        },
    )
    return model


def test_the_record_says_what_went_into_the_model(
    trained: standard_artifacts.Model, tmp_path: Path
):
    record = read_record(trained.uri).as_written()
    assert record["steps"] == 7
    assert record["data"] == {
        "source": "debian",
        "fingerprint": "f00d",
        "examples": {"train": 55_000, "eval": 5_000},
    }
    schema = (tmp_path / "schema" / "schema.pbtxt").read_bytes()
    assert record["schema_sha256"] == hashlib.sha256(schema).hexdigest()
    assert record["code_hash"] == "c0de"
    assert record["packages"]["tfx"]


def test_the_artifact_names_its_hub_module(trained: standard_artifacts.Model):
    assert trained.get_string_custom_property("hub_handle") == "some/module"
    assert trained.get_string_custom_property("hub_sha256") == "ab" * 32
    assert trained.get_int_custom_property("hub_trainable") == 1
    assert trained.get_string_custom_property("hub_handle_remarks") == "nnlm"
    assert trained.get_int_custom_property("hub_trainable_remarks") == 0
