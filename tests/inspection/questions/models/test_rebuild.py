"""What is printed to make a model again of data that are rows, read back as a run reads it."""

from __future__ import annotations

import json
import shlex
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from documents.run_record import RunRecord
from documents.training_record import TrainingRecord
from inspection.__main__ import main
from inspection.questions.models.rebuild import rows_settings
from pipeline.code.hash import code_hash
from pipeline.settings import REPOSITORY, Settings, load_settings, settings_document
from tests.inspection.store_writer import Out, StoreWriter

DEFAULT = REPOSITORY / "configs" / "fashion_mnist.yaml"


def recorded(settings: Settings, base: str) -> dict[str, str]:
    """As ExampleGen's execution has it in the store."""
    return {
        "input_base": base,
        "input_config": json.dumps(
            {"splits": [{"name": "rows", "pattern": settings.data.place[1]}]}
        ),
        "rows": settings.data.rows.model_dump_json(),
        "declaration": settings.declaration.model_dump_json(),
    }


@pytest.mark.parametrize("name", ["taxi", "digits", "reviews"])
def test_the_command_reads_the_same_data_in_the_same_way(name: str) -> None:
    settings = load_settings(REPOSITORY / "configs" / f"{name}.yaml")
    overrides = rows_settings(recorded(settings, "/the data's"))
    again = load_settings(DEFAULT, [*overrides, "hub=null"])
    assert again.declaration == settings.declaration
    assert again.data.rows == settings.data.rows
    assert again.data.place == ("/the data's", settings.data.place[1])


def test_a_number_and_a_pattern(tmp_path: Path) -> None:
    config = tmp_path / "own.yaml"
    config.write_text(
        "name: own\n"
        "features: {x: {kind: number, default: 1.5}}\n"
        "label: {name: y, kind: number}\n"
        "data: {format: jsonl, files: '/data/{SPAN}/*.jsonl', quarantine: 0.5}\n"
        "evaluation: {metrics: [{metric: MeanSquaredError, overall: {max: 1.0}}]}\n"
    )
    settings = load_settings(config)
    again = load_settings(DEFAULT, [*rows_settings(recorded(settings, "/data")), "hub=null"])
    assert again.declaration == settings.declaration
    assert again.data.files == "/data/{SPAN}/*.jsonl"
    assert again.data.quarantine == 0.5
    assert again.evaluation.metrics[0].metric == "MeanSquaredError"


def made_here(
    store: StoreWriter,
    code: str,
    commit: str,
    packages: dict[str, str],
    config: Path = REPOSITORY / "configs" / "quick.yaml",
) -> Settings:
    """A model as a run of a settings file, with a setting of its own, leaves it."""
    overrides = ["training.epochs=3"]
    settings = load_settings(config, overrides)
    record = RunRecord(settings=settings_document(config, overrides, settings), commit=commit)
    store.context("pipeline_run", "1", **record.as_properties())
    run = store.run("mine", "1")
    data = run.node("ExampleGen", {}, {"examples": Out("Examples", {"fingerprint": "f"})},
                    input_base="/data")  # fmt: skip
    told = json.dumps({"training": {"epochs": 3}})
    made = run.node("Trainer", data, {"model": Out("Model")}, custom_config=told)
    [model] = store.client.get_artifacts_by_id([made["model"]])
    training = {"code_hash": code, "packages": packages}
    (Path(model.uri) / TrainingRecord.FILE).write_text(json.dumps(training))
    return settings


TRAINER = ("models.trainer", "components.trainer.executor")


def test_what_is_printed_has_every_setting(memory_path: Path, capsys) -> None:
    store = StoreWriter(memory_path / "root")
    here = {"numpy": version("numpy"), "python": ".".join(map(str, sys.version_info[:3]))}
    settings = made_here(store, code_hash(*TRAINER), "abc", here)
    assert main(["rebuild", "latest", "--store", str(store.root)]) == 0
    first, *rest = capsys.readouterr().out.splitlines()
    where = f"--store {store.root / 'metadata.db'}"
    assert f"a2 can be made again: python -m inspection rebuild a2 {where} --settings " in first
    assert first.endswith("&& python local_runner.py --config rebuilt.yaml --root rebuilt")
    assert "commit: abc" in rest
    file = memory_path / "rebuilt.yaml"
    command = ["rebuild", "latest", "--store", str(store.root), "--settings", str(file)]
    assert main(command) == 0, shlex.join(command)
    # Thresholds and what the serving check asks for among them.
    assert load_settings(file) == settings


def test_other_code_and_other_libraries_are_said(memory_path: Path, capsys) -> None:
    store = StoreWriter(memory_path / "root")
    made_here(store, "0123456789abcdef", "abc+", {"numpy": "0.1", "no-such-package": "1"})
    assert main(["rebuild", "latest", "--store", str(store.root)]) == 1
    said = capsys.readouterr().out
    assert said.startswith("a2 would not be made again here: the code that trains is not what made")
    assert f"(hash {code_hash(*TRAINER)[:12]} here, 0123456789ab then; `git checkout abc`)" in said
    assert "differs: the sources then had changes that were not committed" in said
    assert f"differs: numpy is {version('numpy')} here, 0.1 then" in said
    assert "differs: no-such-package is missing here, 1 then" in said


def test_what_is_made_again_has_places_of_its_own(memory_path: Path, capsys) -> None:
    """It must not be pushed where the first one is served, nor meet its artifacts."""
    store = StoreWriter(memory_path / "root")
    config = memory_path / "own.yaml"
    config.write_text(
        f"{(REPOSITORY / 'configs' / 'quick.yaml').read_text()}\n"
        "pipeline_root: gs://bucket/runs\n"
        "push: {base_path: /srv/models, confirm_url: 'http://127.0.0.1:8501'}\n"
        "metadata: {store: 'grpc://127.0.0.1:8080'}\n"
    )
    made_here(store, code_hash(*TRAINER), "abc", {}, config)
    file = memory_path / "rebuilt.yaml"
    main(["rebuild", "latest", "--store", str(store.root), "--settings", str(file)])
    quick = load_settings(REPOSITORY / "configs" / "quick.yaml", ["training.epochs=3"])
    assert load_settings(file) == quick


@pytest.mark.parametrize("name", [path.name for path in (REPOSITORY / "configs").glob("*.yaml")])
def test_every_shipped_settings_file_is_read_back_from_its_record(name, tmp_path: Path) -> None:
    config, overrides = REPOSITORY / "configs" / name, ["training.epochs=3"]
    settings = load_settings(config, overrides)
    record = RunRecord(settings=settings_document(config, overrides, settings))
    again = RunRecord.of(record.as_properties())
    file = tmp_path / "again.yaml"
    file.write_text(json.dumps(again.settings))
    assert load_settings(file) == settings
