"""On a model that tells how many bytes or how much light it was given."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from serving.launch import ModelServer, launch
from serving.pictures import encode

pytestmark = pytest.mark.slow
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
DARK, BRIGHT = np.zeros((4, 4), np.uint8), np.full((4, 4), 255, np.uint8)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    import tensorflow as tf

    def scores(images):
        light = tf.reduce_mean(tf.cast(images, tf.float32), axis=[1, 2]) / 255
        return tf.stack([1 - light, light], axis=1)

    @tf.function(input_signature=[tf.TensorSpec([None, 4, 4], tf.uint8, "images")])
    def pixels(images):
        return {"probabilities": scores(images)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "image_bytes")])
    def image_bytes(image_bytes):
        decode = lambda file: tf.ensure_shape(tf.io.decode_png(file, 1)[:, :, 0], [4, 4])  # noqa: E731
        light = scores(tf.map_fn(decode, image_bytes, fn_output_signature=tf.uint8))
        return {
            "label": tf.gather(["dark", "bright"], tf.argmax(light, axis=1)),
            "score": tf.reduce_max(light, axis=1),
        }

    folder = tmp_path_factory.mktemp("light")
    signatures = {"serving_default": pixels, "image_bytes": image_bytes}
    tf.saved_model.save(tf.Module(), str(folder / "1"), signatures=signatures)
    with launch(folder, "light", backend="embedded", grpc=True) as server:
        server.wait_available()
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.png").write_bytes(encode(DARK))
    (tmp_path / "b.png").write_bytes(encode(BRIGHT))
    return tmp_path


def predict(server, *arguments, url=None, **options):
    command = [sys.executable, "-m", "serving", "predict", "--model-name", "light"]
    return subprocess.run(
        [*command, "--url", url or server.rest_url, *map(str, arguments)],
        capture_output=True,
        check=False,
        **options,
    )


def words(finished) -> list[list[str]]:
    assert finished.returncode == 0, finished.stderr
    return [line.split() for line in finished.stdout.decode().splitlines()]


def test_prints_label_score_and_name_of_each_image_in_a_folder(server, folder):
    assert words(predict(server, folder)) == [
        ["dark", "1.0000", str(folder / "a.png")],
        ["bright", "1.0000", str(folder / "b.png")],
    ]


def test_grpc_says_the_same(server, folder):
    over_grpc = predict(server, folder, url=f"grpc://{server.grpc_target}")
    assert words(over_grpc) == words(predict(server, folder))


def test_pixels_where_the_signature_takes_pixels(server, folder):
    found = words(predict(server, folder / "b.png", "--signature", "serving_default"))
    assert found == [["1", "1.0000", str(folder / "b.png")]]


def test_json_for_scripts(server, folder):
    finished = predict(server, folder / "a.png", "--json")
    assert json.loads(finished.stdout) == {
        "input": str(folder / "a.png"),
        "label": "dark",
        "score": 1.0,
    }


def test_standard_input_is_an_image_or_json(server, folder):
    image = (folder / "b.png").read_bytes()
    assert words(predict(server, "-", input=image)) == [["bright", "1.0000", "-"]]
    instances = json.dumps([BRIGHT.tolist()]).encode()
    finished = predict(server, "-", "--signature", "serving_default", input=instances)
    assert json.loads(finished.stdout) == [[0.0, 1.0]]


@needs_curl
@pytest.mark.parametrize("signature", ["image_bytes", "serving_default"])
def test_the_printed_curl_command_asks_the_same(server, folder, signature):
    printed = predict(server, folder / "b.png", "--curl", "--signature", signature)
    answer = subprocess.run(printed.stdout, shell=True, capture_output=True, check=True)
    (prediction,) = json.loads(answer.stdout)["predictions"]
    assert prediction in ({"label": "bright", "score": 1.0}, [0.0, 1.0])


@needs_curl
def test_curl_without_an_image_shows_the_form(server):
    printed = predict(server, "--curl", "--signature", "serving_default")
    answer = subprocess.run(printed.stdout, shell=True, capture_output=True, check=True)
    assert json.loads(answer.stdout) == {"predictions": [[1.0, 0.0]]}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Name an image file"),
        (["none.png"], "Cannot read none.png: No such file or directory."),
        (["a.png", "--signature", "x"], "it has image_bytes, serving_default"),
        (["a.png", "--version", "9"], "404"),
    ],
)
def test_mistakes_get_one_sentence(server, folder, arguments, said):
    arguments = [folder / a if a == "a.png" else a for a in arguments]
    finished = predict(server, *arguments)
    assert finished.returncode == 1
    assert said in finished.stderr.decode()
    assert "Traceback" not in finished.stderr.decode()


def test_a_server_that_is_not_there_names_the_command_that_starts_one(server, folder):
    finished = predict(server, folder, url="http://127.0.0.1:9")
    assert finished.returncode == 1
    assert "start one with `make serve`" in finished.stderr.decode()


def test_starts_without_tensorflow():
    code = "import sys, serving.commands.predict; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
