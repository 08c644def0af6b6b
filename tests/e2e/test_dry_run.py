"""A table, and the quick configuration, compiled for Kubeflow Pipelines and executed here.

What steps do with images is not another thing on a cluster, and takes twice as long.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

import kubeflow_runner
from pipeline.kubeflow.dry_run import Emulate, dry_run
from pipeline.settings import REPOSITORY
from tests.e2e.clone import FEW_REQUESTS, TABLE, dots
from tests.fashion_mnist import SAMPLE

ALL = {
    *("ExampleGen", "ImportSchemaGen", "StatisticsGen", "ExampleValidator", "Transform"),
    *("Trainer", "Baseline", "Evaluator", "ServingCheck", "Pusher"),
}


@dataclasses.dataclass(frozen=True)
class Subject:
    """What is compiled and executed."""

    name: str
    config: Path
    overrides: Sequence[str]
    write: Callable[[Path], object]
    """Puts the data into a folder that is not there yet."""
    accuracy: float
    """That of a model which has learned something."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dry_run")


@pytest.fixture(scope="module")
def subject(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    if request.param == "images":
        config = REPOSITORY / "configs/quick.yaml"
        # Of eight: enough for its thresholds, and for ours.
        overrides = ("--set=training.epochs=4", *FEW_REQUESTS)
        return Subject("fashion_mnist", config, overrides, lambda to: to.symlink_to(SAMPLE), 0.8)
    config = tmp_path_factory.mktemp("table") / "dots.yaml"
    config.write_text(TABLE.replace("files: dots.csv", "files: 'span-{SPAN}/*.csv'"))

    def write(to: Path) -> None:
        (to / "span-7").mkdir(parents=True)
        (to / "span-7" / "dots.csv").write_text(dots())

    return Subject("dots", config, ("--set=training.epochs=8",), write, 0.6)


@pytest.fixture(scope="module")
def compiled(subject: Subject, folder: Path) -> Callable[..., Path]:
    """Compiles for a target, once for the same settings on top."""

    def compile_for(target: str, *overrides: str) -> Path:
        file = folder / f"{subject.name}-{target}{len(overrides) or ''}.yaml"
        if not file.exists():
            code = kubeflow_runner.main(
                [
                    *("compile", "--target", target),
                    *("--config", str(subject.config), "--output", str(file)),
                    *("--image", f"example.com/tfx@sha256:{'0' * 64}"),
                    *("--pipeline-root", "gs://bucket/root", "--data", "gs://bucket/data"),
                    *("--base-path", f"s3://bucket/serving/{subject.name}"),
                    *subject.overrides,
                    *(f"--set={override}" for override in overrides),
                ]
            )
            assert code == 0
        return file

    return compile_for


@pytest.fixture(scope="module")
def execute(subject: Subject, compiled: Callable[..., Path], folder: Path) -> Callable[..., Any]:
    """Gives the JSON result of a dry run that has to succeed."""

    def executed(emulate: Emulate, *overrides: str, **options: Any) -> dict[str, Any]:
        work = folder / subject.name
        data = work / "objects" / "gs" / "bucket" / "data"
        if not data.exists():
            data.parent.mkdir(parents=True)
            subject.write(data)
        file = compiled(emulate, *overrides)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            code = dry_run(
                file,
                emulate=emulate,
                pipeline_root="gs://bucket/root",
                work=work,
                json=True,
                **options,
            )
        assert code == 0
        return json.loads(printed.getvalue())

    return executed


@pytest.fixture(scope="module")
def pushed(execute: Callable[..., Any]) -> dict[str, Any]:
    """What the run of all steps under open-source Kubeflow gave."""
    return execute(emulate="oss")


either = pytest.mark.parametrize(
    "subject",
    ["table", pytest.param("images", marks=pytest.mark.extended)],
    indirect=True,
    scope="module",
)
images = pytest.mark.parametrize("subject", ["images"], indirect=True, scope="module")


@pytest.mark.slow
@either
def test_open_source_kubeflow_ends_with_a_served_and_pushed_model(
    pushed: dict[str, Any], subject: Subject, folder: Path
):
    result = pushed
    assert {step["task"] for step in result["steps"]} == {*ALL, "ExampleGenDriver"}
    assert all(step["state"] == "done" for step in result["steps"])
    outcome = result["outcome"]
    assert outcome["decision"] == "pushed"
    version = Path(outcome["path"])
    assert version.parent == Path(result["work"]) / "objects/s3/bucket/serving" / subject.name
    assert (version / "saved_model.pb").exists()
    provenance = json.loads((version / "assets.extra" / "provenance.json").read_text())
    assert provenance["test_accuracy"] == outcome["test_accuracy"] > subject.accuracy
    # The run that all artifacts' addresses name.
    kept = json.loads((Path(result["work"]) / "tasks" / "Trainer.json").read_text())
    assert f"/{provenance['run_id']}/" in kept["artifacts"]["model"]["uri"]
    uris = [artifact["uri"] for artifact in provenance["artifacts"].values()]
    assert len(uris) >= 3
    assert all(uri.startswith("gs://bucket/root/") for uri in uris)
    # Nothing in the documents of the run names a path of this machine.
    for task in ("Evaluator", "Trainer"):
        kept = (Path(result["work"]) / "tasks" / f"{task}.json").read_text()
        assert str(folder) not in kept
    if subject.name == "dots":
        kept = json.loads((Path(result["work"]) / "tasks" / "ExampleGen.json").read_text())
        metadata = kept["artifacts"]["examples"]["metadata"]
        assert (metadata["rows"], metadata["custom:span"]) == (300, 7)


@pytest.mark.slow
@pytest.mark.extended
@images
def test_the_same_data_is_not_worked_on_again(pushed, execute):
    result = execute(emulate="oss")
    states = {step["task"]: step["state"] for step in result["steps"]}
    # These depend on more than their inputs, or on one of those that do.
    again = {"ExampleGenDriver", "Baseline", "Evaluator", "ServingCheck", "Pusher"}
    assert {task for task, state in states.items() if state == "done"} == again
    assert {task for task, state in states.items() if state == "cached"} == ALL - again
    assert result["outcome"]["decision"] == "already_live"
    assert result["outcome"]["version"] == pushed["outcome"]["version"]


@pytest.mark.slow
@pytest.mark.extended
@images
def test_vertex_asks_a_hook_and_reads_the_object_store_itself(pushed, execute, compiled):
    hook = yaml.safe_load(compiled("vertex").read_text())["deploymentSpec"]["executors"]
    assert "--driver_only" in str(hook["ExampleGen_executor"])
    # The others left what these need; nothing of theirs is special to Vertex.
    only = ["ExampleGen", "Baseline", "Evaluator", "Pusher"]
    result = execute(emulate="vertex", only=only)
    assert {step["task"]: step["state"] for step in result["steps"]} == dict.fromkeys(only, "done")
    assert result["outcome"]["decision"] == "already_live"
    assert result["outcome"]["version"] == pushed["outcome"]["version"]
    assert "the same data was already processed" in result["outcome"]["no_new_data"]
    kept = json.loads((Path(result["work"]) / "tasks" / "ExampleGen.json").read_text())
    assert kept["artifacts"]["examples"]["metadata"]["custom:span"] == 0


@pytest.mark.slow
@pytest.mark.extended
@images
@pytest.mark.parametrize(
    ("emulate", "parameters"), [("vertex", {"gcp_resources"}), ("oss", set[str]())]
)
def test_two_replicas_train_one_model(pushed, execute, emulate: Emulate, parameters: set[str]):
    """As a custom job of Vertex AI, and as a TFJob that is handed what the launcher fetched."""
    # One epoch of each instead of the four of one: both together take no longer.
    replicas = ("training.strategy=multi_worker", "kubeflow.replicas={count: 2}")
    result = execute(emulate, *replicas, "training.epochs=1", only=["Trainer"])
    assert [(step["task"], step["state"]) for step in result["steps"]] == [("Trainer", "done")]
    step = Path(result["work"]) / "steps" / "Trainer"
    assert "has finished" in (step / "log-worker-0.txt").read_text()
    # The chief alone writes, and says how many trained.
    kept = json.loads((Path(result["work"]) / "tasks" / "Trainer.json").read_text())
    uri = kept["artifacts"]["model"]["uri"]
    model = Path(result["work"]) / "objects" / "gs" / uri.removeprefix("gs://")
    assert (model / "Format-Serving" / "saved_model.pb").exists()
    assert set(kept["parameters"]) == parameters
    assert not [*step.glob("worker-0/scratch/**/Format-Serving")]
