"""Images of one's own, through a settings file and nothing else: another size, colours, labels."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from documents.features import Features
from documents.provenance import Provenance
from documents.reader import parse
from documents.variants import Variants
from serving.clients.rest_client import RestClient
from serving.launch import launch
from tests.e2e import warm
from tests.e2e.clone import REPOSITORY
from tests.there import next_line, there

pytestmark = [pytest.mark.slow, pytest.mark.extended]

SIZE = (20, 24)
NAMES = ["red", "green", "blue", "yellow", "grey/black"]
FIRST = 1
"""The number of the first class, as in EMNIST's letters."""
COLOURS = np.array([[200, 40, 40], [40, 200, 40], [40, 40, 200], [200, 200, 40], [120, 120, 120]])
SETTINGS = """
name: own
features: {picture: {kind: image, size: [20, 24], channels: 3}}
label: {name: colour, kind: classes, values: [red, green, blue, yellow, grey/black], first: 1}
data: {folder: FOLDER, eval_examples: 256, shards: 1}
training: {epochs: 2, batch_size: 32, learning_rate: 1.0e-2, augment: false}
evaluation:
  metrics:
    - metric: SparseCategoricalAccuracy
      overall: {min: 0.8, max_drop: 0.1}
      per_slice: {colour: {min: 0.5}}
serving_check: {growth_requests: 500, comparison_requests: 50, latency_requests: 50}
variants:
  make: [float16, int8, pruned_int8, frozen_graph]
  pruning: {epochs: 8, learning_rate: 0.001}
  calibration_examples: 50
  latency_requests: 20
"""


def _images(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    classes = np.arange(count) % len(NAMES)
    noise = random.integers(-35, 36, (count, *SIZE, 3))
    return (COLOURS[classes][:, None, None] + noise).astype(np.uint8), classes


def _write(folder: Path, prefix: str, images: np.ndarray, classes: np.ndarray) -> None:
    for name, values in (
        (f"{prefix}-images-idx4-ubyte.gz", images),
        (f"{prefix}-labels-idx1-ubyte.gz", (classes + FIRST).astype(np.uint8)),
    ):
        header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
        (folder / name).write_bytes(gzip.compress(header + values.tobytes(), 1))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """ROOT of a finished run, and its summary."""
    folder = tmp_path_factory.mktemp("own")
    _write(folder, "train", *_images(256 + 640, 0))
    _write(folder, "t10k", *_images(100, 1))
    config = folder / "own.yaml"
    config.write_text(SETTINGS.replace("FOLDER", str(folder)))
    root = folder / "root"
    done = warm.run(
        ["local_runner.py", "--config", config, "--root", root, "--json"], cwd=REPOSITORY
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return root, json.loads(done.stdout)


def test_a_model_of_ones_own_is_checked_and_pushed(run: tuple[Path, dict]) -> None:
    root, summary = run
    assert summary["outcome"] == "pushed"
    assert summary["test_accuracy"] > 0.9
    version = root / "serving" / "own" / str(summary["version"])
    document = parse(Features, (version / "assets.extra" / Features.FILE).read_bytes())
    assert document.label.values == tuple(NAMES)
    assert there(there(document.only_image).input).shape == (-1, *SIZE, 3)


@pytest.fixture(scope="module")
def url(run: tuple[Path, dict]) -> Iterator[str]:
    """Of a server of the version."""
    root, summary = run
    with launch(root / "serving" / "own", "own", backend="embedded") as server:
        server.wait_available(summary["version"])
        yield server.rest_url


def test_every_signature_answers_with_the_declared_names(run: tuple[Path, dict], url: str) -> None:
    root, summary = run
    images, classes = _images(10, 2)
    client = RestClient(url, "own")
    probabilities = np.array(client.predict(images.tolist()))
    assert probabilities.shape == (10, 5)
    assert (probabilities.argmax(axis=1) == classes).mean() > 0.8
    answers = client.predict([_png(image) for image in images], signature_name="image_bytes")
    request = json.loads((root / "request.json").read_text())
    assert len(client.predict(request["instances"], request["signature_name"])[0]) == 5
    version = root / "serving/own" / str(summary["version"])
    document = parse(Features, (version / "assets.extra/features.json").read_bytes())
    example = there(document.example)
    [answer] = client.predict(
        [base64.b64decode(instance["b64"]) for instance in example.instances],
        example.signature_name,
    )
    assert answer["label"] in NAMES
    predicted = _predict(url, root / "a.png", images[2])
    np.testing.assert_allclose(
        [answer["probabilities"] for answer in answers], probabilities, atol=1e-6
    )
    assert predicted["label"] == answers[2]["label"] in NAMES


def test_the_encoder_is_published_and_trained_on_from_its_address(run: tuple[Path, dict]) -> None:
    root, summary = run
    config, modules = root.parent / "own.yaml", root.parent / "modules"
    publish = ["publish", str(summary["version"]), "--to", str(modules)]
    made = json.loads(_hub(*publish, "--base-path", str(root / "serving/own"), "--json"))
    assert (made["handle"], made["takes"]) == (
        f"own/picture/{summary['version']}",
        "float32 [N, 20, 24, 3]",
    )
    command = [sys.executable, "-m", "models.hub", "serve", str(modules), "--port", "0"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as server:
        try:
            handle, sha256 = next_line(server).strip().split("  sha256 ")
            assert sha256 == made["sha256"]
            hub = [f"hub.handle={handle}", f"hub.sha256={sha256}", "hub.allow_http=true"]
            done = warm.run(
                [
                    *("local_runner.py", "--config", config, "--root", root),
                    *("--json", "--to", "Trainer", "--set", "training.epochs=1"),
                    *(part for setting in hub for part in ("--set", setting)),
                ],
                cwd=REPOSITORY,
                env={**os.environ, "TFHUB_CACHE_DIR": str(root.parent / "cache"), "NO_PROXY": "*"},
            )
        finally:
            server.terminate()
        assert server.wait(timeout=60) == 0
    assert done.returncode == 0, done.stdout + done.stderr
    path = max((root / "artifacts/Trainer/model").glob("*/training.json"), key=_execution)
    record = json.loads(path.read_text())
    assert record["hub"] == {"handle": handle, "sha256": sha256, "trainable": True}
    # It came to its figure in half of the epochs.
    assert record["eval_accuracy"] > 0.9


def test_variants_are_held_against_the_model_and_published(run: tuple[Path, dict]) -> None:
    root, summary = run
    export = root / "exports" / "own" / str(summary["version"])
    document = parse(Variants, (export / Variants.FILE).read_bytes())
    assert (document.version, document.path) == (summary["version"], str(export))
    assert (export / "labels.txt").read_text().split() == NAMES
    provenance = parse(Provenance, (export / "provenance.json").read_bytes())
    assert provenance.content_digest == document.content_digest
    for variant in document.variants:
        assert variant.blessed
        assert (export / str(variant.file)).exists()
        measured = there(variant.measured).as_written()
        assert 0 < measured["bytes"] < there(document.float_model).bytes
        assert 0 < measured["p50_ms"] <= measured["p95_ms"]
        slices = {row.slice for row in variant.metrics}
        assert slices == {"overall", *(f"colour={place}" for place in range(5))}
    variants = {variant.name: variant for variant in document.variants}
    assert [*variants] == ["float16", "int8", "pruned_int8", "frozen_graph"]
    assert summary["variants"]["path"] == str(export)
    written = {name: each.as_written() for name, each in variants.items()}
    assert 0.75 < written["pruned_int8"]["sparsity"] <= 0.8
    zipped = {name: each["measured"]["gzip_bytes"] for name, each in written.items()}
    assert zipped["pruned_int8"] < 0.5 * zipped["int8"]
    assert zipped["frozen_graph"] is None


def test_published_file_names_its_labels(run: tuple[Path, dict]) -> None:
    root, summary = run
    export = root / "exports" / "own" / str(summary["version"])
    for path in export.glob("*.tflite"):
        with zipfile.ZipFile(path) as files:
            assert files.read("labels.txt").decode().split() == NAMES


@pytest.fixture(params=["TensorFlow", "LiteRT alone"])
def interpreter(request: pytest.FixtureRequest) -> str:
    """A Python with what asks .tflite files."""
    if request.param == "TensorFlow":
        return sys.executable
    python = REPOSITORY / ".cache/litert/bin/python"
    if not python.exists():
        missing = pytest.fail if os.environ.get("REQUIRE_LITERT") else pytest.skip
        missing("There is no environment of LiteRT alone: `make litert` makes one.")
    return str(python)


def test_script_beside_variants_answers_as_the_model(
    run: tuple[Path, dict], url: str, interpreter: str
) -> None:
    root, summary = run
    export = root / "exports" / "own" / str(summary["version"])
    images, _ = _images(5, 3)
    np.save(root.parent / "one.npy", images[2].astype(np.float32))
    [wanted] = np.array(RestClient(url, "own").predict(images[2:3].tolist()))
    for name, near in (("float16", 0.01), ("int8", 0.1), ("pruned_int8", 0.2)):
        command = ["infer.py", f"{name}.tflite", str(root.parent / "one.npy")]
        if interpreter == sys.executable and name != "float16":
            done = warm.run(command, cwd=export)
        else:
            done = subprocess.run(
                [interpreter, *command], cwd=export, capture_output=True, text=True
            )
        assert done.returncode == 0, done.stderr
        label, _, answer = done.stdout.strip().partition(" ")
        assert label == NAMES[wanted.argmax()]
        np.testing.assert_allclose([*map(float, answer.strip("[]").split())], wanted, atol=near)


def test_frozen_graph_takes_the_place_of_the_model(run: tuple[Path, dict]) -> None:
    import tensorflow as tf

    root, summary = run
    version = str(summary["version"])
    images, _ = _images(6, 4)
    example = tf.train.Example()
    example.features.feature["picture"].bytes_list.value.append(images[0].tobytes())
    serialized = tf.constant([example.SerializeToString()])
    model = tf.saved_model.load(str(root / "serving" / "own" / version))
    frozen = tf.saved_model.load(str(root / "exports" / "own" / version / "frozen_graph"))
    for signature, given in (
        ("serving_default", {"images": tf.constant(images)}),
        ("examples", {"examples": serialized}),
    ):
        wanted = model.signatures[signature](**given)["probabilities"]
        if signature == "serving_default":
            given = {"picture": given["images"]}
        found = frozen.signatures[signature](**given)["probabilities"]
        np.testing.assert_allclose(found, wanted, atol=1e-5)


def _execution(path: Path) -> int:
    return int(path.parent.name)


def _hub(*arguments: str) -> str:
    done = warm.run(["-m", "models.hub", *arguments], cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _png(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def _predict(url: str, path: Path, image: np.ndarray) -> dict:
    path.write_bytes(_png(image))
    asking = [
        sys.executable,
        "-m",
        "serving",
        "predict",
        str(path),
        "--url",
        url,
        "--model-name",
        "own",
    ]
    done = subprocess.run([*asking, "--json"], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
