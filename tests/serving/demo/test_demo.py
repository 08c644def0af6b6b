"""The demo in a real browser, over a real model server with two versions."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright import sync_api as playwright

from serving.pictures import encode

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]
LABELS = ["dark", "middling", "bright"]


@pytest.fixture(scope="module")
def base_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions that tell dark from bright; the second one always says `middling`."""
    import tensorflow as tf

    base = tmp_path_factory.mktemp("demo") / "light"
    for version, middling in ((1, 0.0), (2, 10.0)):

        def scores(file, middling=middling):
            light = tf.reduce_mean(tf.cast(tf.io.decode_png(file, 1), tf.float32)) / 255
            return tf.nn.softmax(tf.stack([10 * (0.05 - light), middling - 5, 10 * light]))

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "image_bytes")])
        def image_bytes(image_bytes, scores=scores):
            found = tf.map_fn(scores, image_bytes, fn_output_signature=tf.float32)
            return {
                "label": tf.gather(LABELS, tf.argmax(found, axis=1)),
                "score": tf.reduce_max(found, axis=1),
                "probabilities": found,
            }

        folder = base / str(version)
        tf.saved_model.save(tf.Module(), str(folder), signatures={"image_bytes": image_bytes})
        (folder / "assets.extra").mkdir()
        (folder / "assets.extra" / "provenance.json").write_text(json.dumps({"labels": LABELS}))
    return base


@pytest.fixture(scope="module")
def url(base_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    config = tmp_path_factory.mktemp("config") / "models.config"
    config.write_text(
        f'model_config_list {{ config {{ name: "light" base_path: "{base_path}" '
        'model_platform: "tensorflow" model_version_policy { all {} } } }'
    )
    from serving.launch import launch

    flags = [f"--model_config_file={config}"]
    with launch(base_path, "light", backend="embedded", flags=flags) as server:
        server.wait_available(2)
        server.wait_available(1)
        with Running("--base-path", str(base_path), "--url", server.rest_url) as address:
            yield address


class Running:
    """A demo process; ends with the block as Ctrl-C ends it."""

    def __init__(self, *arguments: str) -> None:
        self._command = [sys.executable, "-m", "serving", "demo", "--port", "0", *arguments]

    def __enter__(self) -> str:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        line = self._process.stdout.readline()
        return re.search(r"http://127\.0\.0\.1:\d+", line).group()

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)
        assert self._process.wait(20) == 0


@pytest.fixture
def page(browser, url):
    """The page; the test fails on any error in it and on any request to somewhere else."""
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on(
        "request",
        lambda r: None if r.url.startswith((url, "blob:", "data:")) else problems.append(r.url),
    )
    page.problems = problems
    page.goto(url)
    page.wait_for_selector("#pictures img")
    yield page
    context.close()
    assert problems == []


def label(page) -> str:
    return page.inner_text("#label").split(",")[0]


def wait(page, wanted: str) -> None:
    playwright.expect(page.locator("#label")).to_have_text(re.compile(f"^{wanted}, score"))


def image(value: int) -> dict:
    content = encode(np.full((40, 40), value, np.uint8))
    return {"name": "<b>shirt</b>.png", "mimeType": "image/png", "buffer": content}


def test_picking_a_test_image_shows_every_score_version_latency_and_request(page):
    page.select_option("#version", "1")
    page.click("img[alt='pullover 1']")
    wait(page, "bright")
    assert page.locator("#bars li").count() == 3
    assert page.locator("#bars li.best span").first.inner_text() == "bright"
    assert page.inner_text("#answered") == "version 1"
    assert re.fullmatch(r"[\d.]+ ms", page.inner_text("#latency"))
    command = page.inner_text("#request")
    body = json.loads(shlex.split(command)[-2])
    status, _, answer = ask(shlex.split(command)[-1], "", json.dumps(body).encode())
    assert status == 200
    assert json.loads(answer)["predictions"][0]["label"] == "bright"


def test_another_version_answers_when_it_is_chosen(page):
    page.click("img[alt='pullover 1']")
    wait(page, "middling")
    assert page.inner_text("#answered") == "version 2"
    page.select_option("#version", "1")
    wait(page, "bright")


def test_drawing_asks_while_one_draws(page):
    page.select_option("#version", "1")
    box = page.locator("#board").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 10):
        page.mouse.move(box["x"] + 60 + 20 * step, box["y"] + 60 + 18 * step)
    page.mouse.up()
    wait(page, "bright")
    page.click("#clear")
    pixel = "document.getElementById('board').getContext('2d').getImageData(150, 150, 1, 1)"
    assert page.evaluate(f"{pixel}.data[0]") == 0


def test_an_upload_on_a_light_ground_is_inverted_unless_told_otherwise(page):
    page.select_option("#version", "1")
    page.set_input_files("#file", files=[image(255)])
    wait(page, "dark")
    assert page.is_checked("#invert")
    page.uncheck("#invert")
    wait(page, "bright")


def test_a_file_that_is_no_image_is_named_and_its_name_is_only_text(page):
    file = {"name": "<img src=x onerror=alert(1)>.png", "mimeType": "image/png", "buffer": b"no"}
    page.set_input_files("#file", files=[file])
    playwright.expect(page.locator("#error")).to_contain_text("is no image")
    assert page.locator("#error img").count() == 0


def test_the_keyboard_is_enough(page):
    page.select_option("#version", "1")
    page.focus("#board")
    for key in [" ", *["ArrowRight"] * 8, *["ArrowDown"] * 8, " "]:
        page.keyboard.press(key)
    wait(page, "bright")
    page.focus("#pictures button")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.querySelector('img').alt") == "t shirt 2"


def test_a_phone_shows_it_without_scrolling_sideways(browser, url):
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="dark")
    page = context.new_page()
    page.goto(url)
    page.click("img[alt='bag 1']")
    page.wait_for_selector("#bars li")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 24, 28)"
    context.close()


def ask(url: str, path: str, body: bytes | None = None, host: str | None = None):
    request = urllib.request.Request(url + path, body, {"Host": host} if host else {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/api/predict", b"no image", 400, b"no PNG or JPEG"),
        ("/api/predict", b"x" * (2 << 20), 413, b"not taken"),
        ("/api/predict", None, 405, b"not allowed"),
        ("/api/predict?version=9", encode(np.zeros((28, 28), np.uint8)), 502, b"404"),
        ("/static/..%2fapp.py", None, 404, b""),
        ("/nothing", None, 404, b""),
    ],
)
def test_bad_requests_get_a_sentence(url, path, body, status, said):
    code, headers, answer = ask(url, path, body)
    assert code == status
    assert said in answer
    assert "Traceback" not in answer.decode()
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_another_sites_name_for_this_server_is_refused(url):
    assert ask(url, "/", host="evil.example:80")[0] == 403


def test_starts_its_own_server_on_a_base_path(base_path):
    with Running("--base-path", str(base_path), "--backend", "embedded") as address:
        _, _, body = ask(address, "/api/model")
    assert json.loads(body)["versions"] == [2]
    assert json.loads(body)["backend"] == "embedded"


def test_an_empty_base_path_says_what_to_do(tmp_path):
    command = [sys.executable, "-m", "serving", "demo", "--base-path", str(tmp_path)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 1
    assert "`make run` makes one" in finished.stderr
