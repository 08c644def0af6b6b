"""A small SavedModel of every kind of signature, servers on it, and stand-ins for what serves."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.base_path import lease
from serving.base_path.content import content_digest
from serving.launch import ModelServer, launch
from tests.once import once
from tests.serving.object_stores import SERVERS
from tests.serving.programs import REPOSITORY, Programs
from tests.serving.stores import Store, impatient, running

MODEL = "small"
ECHOED = (
    "float32", "float64", "int8", "int16", "int32", "int64",
    "uint8", "uint32", "uint64", "bool", "string", "half",
)  # fmt: skip
"""Each is a type and the name of a signature that gives back what it gets, of any shape."""


@pytest.fixture(scope="session")
def saved_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a SavedModel; `serving_default` is 2x + 1."""
    return once(tmp_path_factory, "saved_model", _save) / "model"


def _save(folder: Path) -> None:
    import tensorflow as tf

    class Small(tf.Module):
        def __init__(self) -> None:
            self.offset = tf.Variable(1.0)

    module = Small()

    def signature(call, **inputs):
        specs = [tf.TensorSpec(shape, dtype, name) for name, (shape, dtype) in inputs.items()]
        return tf.function(call, autograph=False).get_concrete_function(*specs)

    def echo(dtype):
        return signature(lambda x: {"y": tf.identity(x)}, x=(None, dtype))

    def feature(examples):
        parsed = tf.io.parse_example(examples, {"x": tf.io.FixedLenFeature([], tf.float32)})
        return parsed["x"]

    signatures = {
        "serving_default": signature(
            lambda x: {"y": 2 * x + module.offset}, x=([None, 2], tf.float32)
        ),
        "two": signature(
            lambda a, b: {"sum": tf.cast(a, tf.int64) + b, "half": tf.cast(a, tf.float32) / 2},
            a=([None], tf.int32),
            b=([None], tf.int64),
        ),
        "text": signature(
            lambda s: {"upper": tf.strings.upper(s), "same_bytes": tf.identity(s)},
            s=([None], tf.string),
        ),
        "uneven": signature(
            lambda x: {"all": tf.identity(x), "one": x[:1]}, x=([None], tf.float32)
        ),
        "no_batch": signature(lambda x: {"sum": tf.reduce_sum(x)}, x=([None], tf.float32)),
        "classify": signature(
            lambda inputs: {
                "classes": tf.tile([["no", "yes"]], [tf.size(inputs), 1]),
                "scores": tf.stack([1 - feature(inputs), feature(inputs)], axis=1),
            },
            inputs=([None], tf.string),
        ),
        "regress": signature(
            lambda inputs: {"outputs": 10 * feature(inputs)}, inputs=([None], tf.string)
        ),
        **{name: echo(tf.as_dtype(name)) for name in ECHOED},
    }
    tf.saved_model.save(module, str(folder / "model"), signatures=signatures)


@pytest.fixture(scope="session")
def base_path(saved_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A base path that stays as it is, with version 3."""
    folder = tmp_path_factory.mktemp("base_path")
    shutil.copytree(saved_model, folder / "3")
    before = content_digest(folder), sorted(folder.rglob("*"))
    yield folder
    after = content_digest(folder), sorted(folder.rglob("*"))
    assert after == before, "A test changed the base path that all share."


@pytest.fixture(scope="session")
def model_server(base_path: Path) -> Iterator[ModelServer]:
    """The embedded server on `base_path`, with the model available."""
    with launch(base_path, MODEL, backend="embedded") as server:
        server.wait_available()
        yield server


@pytest.fixture
def programs(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """An almost empty PATH."""
    folder = tmp_path_factory.mktemp("programs")
    containers = tmp_path_factory.mktemp("containers")
    monkeypatch.setenv("PATH", str(folder))
    # The real ones bring their own libraries, so they get no help from the backends.
    paths = [str(REPOSITORY), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
    monkeypatch.setenv("STAND_IN_CONTAINERS", str(containers))
    return Programs(folder)


@pytest.fixture(scope="session", params=list(SERVERS))
def running_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A server of each kind of object store."""
    with running(request.param, tmp_path_factory.mktemp("authority")) as store:
        yield store


@pytest.fixture
def store(running_store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A server of each kind of object store, to which nobody waits long to return."""
    monkeypatch.setattr(lease, "LOOK_SECONDS", 0.02)
    with impatient(running_store, monkeypatch) as store:
        yield store
