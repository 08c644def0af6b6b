"""`python -m serving predict` with rows of columns, on a model that adds up."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from documents.features import Feature, Features, Input, Label, Seen
from serving.launch import ModelServer, launch
from tests.serving.commands.called import called, needs_curl

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    import tensorflow as tf

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.float32, "fare"),
            tf.TensorSpec([None], tf.string, "company"),
        ]
    )
    def predict(fare, company):
        letters = tf.cast(tf.strings.length(company), tf.float32)
        return {"prediction": tf.where(tf.math.is_nan(fare), -1.0, fare) + letters}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "fare")])
    def vote(fare):
        return {"probabilities": tf.stack([1 - fare, fare], axis=1)}

    folder = tmp_path_factory.mktemp("sum")
    signatures = {"serving_default": predict, "vote": vote}
    tf.saved_model.save(tf.Module(), str(folder / "1"), signatures=signatures)
    with launch(folder, "sum", backend="embedded", grpc=True) as server:
        server.wait_available()
        yield server


def _predict(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = called(["predict", "--model-name", "sum", "--url", url, *arguments])
    said = (stream.decode() for stream in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, *said)


@pytest.mark.parametrize("protocol", ["rest", "grpc"])
def test_rows_are_answered(server: ModelServer, tmp_path: Path, protocol: str) -> None:
    url = server.rest_url if protocol == "rest" else f"grpc://{server.grpc_target}"
    done = _predict(url, "fare=12.5", "company=Red")
    assert (done.returncode, done.stdout.split()[0]) == (0, "15.5"), done.stderr
    rows = tmp_path / "rows.csv"
    rows.write_text("company,fare,tip\nBlue,1,yes\n,,no\nRed,much,no\n")
    done = _predict(url, str(rows), "--json")
    assert [json.loads(line)["output"] for line in done.stdout.splitlines()] == [5, -1]
    assert done.returncode == 1
    plainly, refused = done.stderr.splitlines()
    assert refused == f"{rows}, line 4: column fare holds 'much', which is no number."
    assert plainly.startswith("There is no features.json in workspace/serving/sum/1/assets.extra")
    assert plainly.endswith("name the folder of its versions with --base-path.")


def test_a_wrong_column_gets_a_sentence(server: ModelServer) -> None:
    done = _predict(server.rest_url, "fares=1")
    assert done.returncode == 1
    assert done.stderr.endswith("\nThe model takes no column fares (is it fare?).\n")


@needs_curl
def test_the_request_of_a_row_can_be_copied(server: ModelServer) -> None:
    done = _predict(server.rest_url, "fare=2", "company=Red", "--curl")
    answer = subprocess.run(["sh", "-c", done.stdout], capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == {"predictions": [5.0]}


@pytest.mark.parametrize("protocol", ["rest", "grpc"])
def test_classes_have_names_where_the_version_lies_in_the_base_path(
    server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: str
) -> None:
    monkeypatch.chdir(tmp_path)
    url = server.rest_url if protocol == "rest" else f"grpc://{server.grpc_target}"
    done = _predict(url, "fare=0.75", "--signature", "vote")
    assert done.stdout.split()[:2] == ["1", "0.7500"], done.stderr
    assert "cells are read plainly" in done.stderr
    extra = tmp_path / "workspace" / "serving" / "sum" / "1" / "assets.extra"
    extra.mkdir(parents=True)
    label = Label(name="tip", kind="classes", values=("no tip", "a tip"))
    taken = Input(name="company", dtype="DT_STRING", shape=(-1,))
    known = Feature(name="company", kind="category", input=taken, seen=Seen(values=("Red",)))
    (extra / Features.FILE).write_bytes(Features(features=(known,), label=label).encode())
    done = _predict(url, "fare=0.75", "--signature", "vote")
    assert done.stdout.split("  ")[0].strip() == "a tip", done.stderr
    assert done.stderr == ""
    done = _predict(url, "fare=1", "company=red")
    said = "fare=1 company=red: column company holds 'red', and the model learned from 'Red', which"
    assert done.stderr == f"{said} is another category to it.\n"
    (tmp_path / "workspace" / "serving").rename(tmp_path / "elsewhere")
    done = _predict(url, "fare=0.75", "--signature", "vote", "--base-path", "elsewhere/sum/")
    assert done.stdout.split("  ")[0].strip() == "a tip", done.stderr
