"""The main job, as a user runs it: from a clone to a model in the base path, and the same again.

The tests of this module share one ROOT and build on each other in the order they are written.
"""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from components.example_gen import idx
from models.labels.classes.kind import Classes
from serving.base_path.content import content_digest
from serving.clients.rest_client import RestClient
from serving.launch import launch
from tests.e2e.clone import FEW_REQUESTS, REPOSITORY, Clone, Finished, clone_sources
from tests.fashion_mnist import DECLARATION, SAMPLE

pytestmark = pytest.mark.slow

NODES = [
    "ExampleGen",
    "ImportSchemaGen",
    "StatisticsGen",
    "ExampleValidator",
    "Transform",
    "Trainer",
    "Baseline",
    "Evaluator",
    "ServingCheck",
    "Pusher",
]


HALF = ("--set=training.epochs=4", *FEW_REQUESTS)
"""Half the training is enough for its thresholds; CI runs all of it on the other lane."""


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Clone, Finished]:
    """A clone in which the quick pipeline ran once, and what it printed."""
    clone = clone_sources(REPOSITORY, tmp_path_factory.mktemp("clone"))
    return clone, clone.run("--json", *HALF)


def test_the_first_run_pushes_a_model_and_tells_the_evidence(first_run: tuple[Clone, Finished]):
    clone, run = first_run
    assert run.code == 0, run.err
    summary = run.summary
    assert summary["outcome"] == "pushed"
    assert sorted(run.ran) == sorted(NODES)
    assert clone.versions == [summary["version"]]
    assert summary["data"]["source"] == "sample"
    assert summary["evaluation"]["blessed"]
    assert summary["serving_check"]["blessed"]
    [report] = (clone.root / "artifacts").rglob("report.html")
    assert "Passed" in report.read_text()
    assert "bundled sample" in report.read_text()
    assert Path(summary["log"]).stat().st_size > 0
    assert "Traceback" not in run.err


def test_the_pushed_version_carries_its_provenance(first_run: tuple[Clone, Finished]):
    clone, run = first_run
    [version] = clone.versions
    folder = clone.base_path / str(version)
    provenance = json.loads((folder / "assets.extra" / "provenance.json").read_text())
    assert provenance["version"] == version
    assert provenance["run_id"] == run.summary["run_id"]
    assert provenance["content_digest"] == content_digest(folder)
    assert provenance["baseline"] is None
    assert provenance["data"]["source"] == "sample"
    assert provenance["hub"]["sha256"]
    assert {row["slice"] for row in provenance["metrics"]} >= {"overall", "label=0"}
    assert provenance["packages"]["tfx"]
    assert provenance["test_accuracy"] == run.summary["test_accuracy"]


def test_the_pushed_model_answers_as_the_summary_says(first_run: tuple[Clone, Finished]):
    clone, run = first_run
    images, labels = _test_set()
    with launch(clone.base_path, "fashion_mnist", backend="embedded") as server:
        server.wait_available(clone.versions[-1])
        client = RestClient(server.rest_url, "fashion_mnist")
        probabilities = np.array(client.predict(images.tolist()))
        accuracy = float((probabilities.argmax(axis=1) == labels).mean())
        assert accuracy == pytest.approx(run.summary["test_accuracy"], abs=1e-9)

        by_bytes = client.predict([_png(images[0])], signature_name="image_bytes")
        np.testing.assert_allclose(by_bytes[0]["probabilities"], probabilities[0], atol=1e-6)

        printed = json.loads((clone.root / "request.json").read_text())
        answer = client.predict(printed["instances"], signature_name=printed["signature_name"])
        assert len(answer[0]) == 10


def test_a_second_run_is_cached_and_pushes_nothing(first_run: tuple[Clone, Finished]):
    clone, first = first_run
    run = clone.run_warm("--json", *HALF)
    assert run.code == 0, run.err
    assert run.ran == []
    assert run.summary["outcome"] == "already_live"
    assert str(first.summary["version"]) in run.summary["reason"]
    assert clone.versions == [first.summary["version"]]


def test_the_plain_output_ends_with_a_command_that_works(first_run: tuple[Clone, Finished]):
    clone, first = first_run
    run = clone.run_warm(*HALF)
    lines = run.out.strip().splitlines()
    assert lines[-1].strip().startswith("curl -d @")
    assert any("serving.server" in line for line in lines)
    assert any(f"version {first.summary['version']}" in line for line in lines)
    assert run.err == ""


def test_a_refusal_by_a_slice_is_the_last_line_and_pushes_nothing(
    first_run: tuple[Clone, Finished],
):
    clone, _ = first_run
    before = clone.versions
    strict = (
        "evaluation.metrics=[{metric: SparseCategoricalAccuracy, overall: {min: 0.1},"
        " per_slice: {label: {min: 0.999}}}]"
    )
    run = clone.run_warm(*HALF, "--set", strict)
    assert run.code == 3
    last = run.out.strip().splitlines()[-1]
    for part in ("NOT PUSHED", "SparseCategoricalAccuracy", "label=", "0.999"):
        assert part in last
    assert clone.versions == before


def test_a_deleted_base_path_is_filled_again(first_run: tuple[Clone, Finished]):
    clone, _ = first_run
    for version in clone.versions:
        shutil.rmtree(clone.base_path / str(version))
    run = clone.run_warm("--json", *HALF)
    assert run.code == 0, run.err
    assert run.ran == ["Pusher"]
    assert run.summary["outcome"] == "pushed"
    assert clone.versions == [run.summary["version"]]


def test_an_edit_re_runs_exactly_what_depends_on_it(first_run: tuple[Clone, Finished]):
    clone, _ = first_run
    before = clone.versions
    clone.edit("components/evaluator/verdict.py", '"""', '"""Edited. ')
    run = clone.run_warm("--json", *HALF)
    assert run.ran == ["Evaluator", "Pusher"]
    assert run.summary["outcome"] == "already_live"
    assert clone.versions == before

    # Trainer would be next, as test_next_runs.py shows.
    clone.edit("models/preprocessing.py", '"""', '"""Edited. ')
    run = clone.run_warm("--json", *HALF, "--to", "Transform")
    assert run.code == 0, run.err
    assert run.ran == ["Transform"]


def _test_set() -> tuple[np.ndarray, np.ndarray]:
    with (SAMPLE / "t10k-images-idx3-ubyte.gz").open("rb") as file:
        reader = idx.IdxReader(file, file.name, dimensions=3)
        images = np.concatenate(list(reader.batches(0, reader.shape[0])))
    with (SAMPLE / "t10k-labels-idx1-ubyte.gz").open("rb") as file:
        assert isinstance(DECLARATION.label, Classes)
        labels = idx.read_labels(idx.IdxReader(file, file.name, dimensions=1), DECLARATION.label)
    return images, labels


def _png(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, format="PNG")
    return file.getvalue()
