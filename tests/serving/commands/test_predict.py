"""On a model that tells how many bytes or how much light it was given."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import pty
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from serving.clients.pictures import encode
from serving.launch import ModelServer, launch
from tests.picture_files import encoded
from tests.serving.commands.called import called, needs_curl

pytestmark = pytest.mark.slow
COMMAND = [sys.executable, "-m", "serving", "predict", "--model-name", "light"]
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


def started(server, *arguments, url=None, **options):
    """The command as a user starts it, in a process of its own."""
    return subprocess.run(
        [*COMMAND, "--url", url or server.rest_url, *map(str, arguments)],
        capture_output=True,
        check=False,
        **options,
    )


def predict(server, *arguments, url=None, input=b""):
    """The same in this process."""
    given = ["predict", "--model-name", "light", "--url", url or server.rest_url]
    return called([*given, *map(str, arguments)], input)


def both(server, *arguments, **options):
    """Over REST and over gRPC."""
    urls = (server.rest_url, f"grpc://{server.grpc_target}")
    return [predict(server, *arguments, url=url, **options) for url in urls]


def everything(terminal: int) -> str:
    """What was written to a terminal until nobody can write there any more."""
    found = b""
    with contextlib.suppress(OSError):  # EIO (pty(7)) is the end.
        while part := os.read(terminal, 4096):
            found += part
    os.close(terminal)
    return found.decode()


def words(finished) -> list[list[str]]:
    assert finished.returncode == 0, finished.stderr
    return [line.split() for line in finished.stdout.decode().splitlines()]


def test_prints_label_score_and_name_of_each_image_in_a_folder(server, folder):
    assert words(started(server, folder)) == [
        ["dark", "1.0000", str(folder / "a.png")],
        ["bright", "1.0000", str(folder / "b.png")],
    ]


@pytest.mark.parametrize("options", [[], ["--json"], ["--json", "--signature", "serving_default"]])
def test_grpc_says_the_same(server, folder, options):
    over_rest, over_grpc = both(server, folder, *options)
    assert over_grpc.stdout == over_rest.stdout
    assert len(words(over_grpc)) == 2


def test_grpc_takes_an_image_of_an_idx_file(server, tmp_path):
    images = tmp_path / "images-idx3-ubyte"
    images.write_bytes(
        struct.pack(">4B3I", 0, 0, 8, 3, 2, 4, 4) + DARK.tobytes() + BRIGHT.tobytes()
    )
    over_rest, over_grpc = both(server, images, "--index", "1")
    assert words(over_grpc) == words(over_rest) == [["bright", "1.0000", f"{images}[1]"]]


@pytest.mark.parametrize("signature", ["serving_default", "image_bytes"])
def test_grpc_takes_json(server, signature):
    image = {"b64": base64.b64encode(encode(BRIGHT)).decode()}
    instances = [image] if signature == "image_bytes" else [BRIGHT.tolist(), DARK.tolist()]
    document = json.dumps({"instances": instances}).encode()
    over_rest, over_grpc = both(server, "-", "--signature", signature, input=document)
    assert json.loads(over_grpc.stdout) == json.loads(over_rest.stdout)
    assert len(json.loads(over_grpc.stdout)) == len(instances)


def test_grpc_names_what_does_not_fit(server):
    over_grpc = started(
        server,
        *("-", "--signature", "serving_default"),
        url=f"grpc://{server.grpc_target}",
        input=b"[[[256]]]",
    )
    assert over_grpc.returncode == 1
    assert over_grpc.stderr.decode() == (
        "Instances do not fit input images, which takes DT_UINT8: 256 is none.\n"
    )


@pytest.mark.extended
def test_large_files_go_in_requests_that_the_server_takes(server, tmp_path):
    padding = bytes(20 << 20)
    for name in "abc":
        (tmp_path / f"{name}.png").write_bytes(encode(BRIGHT) + padding)
    assert [line[0] for line in words(predict(server, tmp_path))] == ["bright"] * 3


def test_one_bad_file_takes_no_other_along(server, folder):
    """Neither one that is seen here, nor one that only the model refuses."""
    (folder / "aa.png").write_bytes(b"")
    (folder / "ab.png").write_bytes(encode(BRIGHT)[:-20])
    (folder / "c.webp").write_bytes(encoded(Image.fromarray(BRIGHT), "WEBP", lossless=True))
    for finished in both(server, folder):
        assert finished.returncode == 1
        answered = [line.split() for line in finished.stdout.decode().splitlines()]
        assert answered == [
            ["dark", "1.0000", str(folder / "a.png")],
            ["bright", "1.0000", str(folder / "b.png")],
            ["bright", "1.0000", str(folder / "c.webp")],
        ]
        empty, damaged = finished.stderr.decode().splitlines()
        assert empty == f"{folder / 'aa.png'} is empty."
        assert damaged.startswith(f"{folder / 'ab.png'} was refused by the model server: ")


@pytest.mark.extended
def test_a_name_cannot_steer_the_terminal(server, tmp_path):
    (tmp_path / "\x1b[31mred.png").write_bytes(encode(BRIGHT))
    assert b"\\x1b[31mred.png" in started(server, tmp_path).stdout
    (tmp_path / "\x1b[31mred.png").write_bytes(b"")
    assert b"\\x1b[31mred.png is empty." in started(server, tmp_path).stderr


def test_progress_over_many_images_on_a_terminal_only(server, tmp_path):
    for number in range(70):
        (tmp_path / f"{number:02}.png").write_bytes(encode(DARK))
    terminal, end = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "--url", server.rest_url, str(tmp_path)], stdout=subprocess.PIPE, stderr=end
    ) as watched:
        os.close(end)
        shown = everything(terminal)
        printed = watched.communicate()[0]
    assert "70/70" in shown
    piped = started(server, tmp_path)
    assert (piped.stdout, piped.stderr) == (printed, b"")
    assert len(words(piped)) == 70


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
def test_the_printed_command_of_a_large_file_reads_it(server, tmp_path):
    path = tmp_path / "large photo.png"
    path.write_bytes(encode(BRIGHT) + bytes(200_000))
    printed = predict(server, path, "--curl")
    assert len(printed.stdout) < 1_000
    answer = subprocess.run(printed.stdout, shell=True, capture_output=True, check=True)
    assert json.loads(answer.stdout)["predictions"] == [{"label": "bright", "score": 1.0}]


@needs_curl
def test_curl_without_an_image_shows_the_form(server):
    printed = predict(server, "--curl", "--signature", "serving_default")
    answer = subprocess.run(printed.stdout, shell=True, capture_output=True, check=True)
    assert json.loads(answer.stdout) == {"predictions": [[1.0, 0.0]]}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
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


def test_a_model_that_is_not_served_is_a_name_to_correct(server, folder):
    for finished in both(server, folder / "a.png", "--model-name", "lihgt"):
        assert (finished.returncode, finished.stdout) == (1, b"")
        said = finished.stderr.decode()
        assert "lihgt" in said
        assert said.endswith("; name the model that it serves with --model-name.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name an image file, a folder, or - for standard input."),
        (["--curl", "--url", "grpc://127.0.0.1:9"], "give the http:// address with --url."),
    ],
)
def test_a_mistake_in_the_command_line_names_the_command(server, arguments, said):
    finished = predict(server, *arguments)
    assert (finished.returncode, finished.stdout) == (2, b"")
    assert finished.stderr.decode().startswith("python -m serving predict: ")
    assert f"{said} `python -m serving predict --help` tells more.\n" in finished.stderr.decode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[]", "Standard input holds no instances; write one object for each row"),
        (b"[", "Standard input is no valid JSON"),
        (b"{}", "Standard input must be a list"),
        (b"[" + bytes(33 << 20), "Standard input is larger than 32 MiB"),
        (b"GIF89a", "Standard input is no image that can be read here; save it as PNG or JPEG."),
        (b"", "Standard input is empty."),
    ],
)
def test_standard_input_that_is_nothing_to_ask_about(server, content, said):
    finished = predict(server, "-", input=content)
    assert finished.returncode == 1
    assert finished.stderr.decode().startswith(said)


def test_a_server_that_is_not_there_names_the_command_that_starts_one(server, folder):
    finished = predict(server, folder, url="http://127.0.0.1:9")
    assert finished.returncode == 1
    assert "start one with `make serve`" in finished.stderr.decode()


def test_starts_without_tensorflow():
    code = "import sys, serving.commands.predict; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
