"""The demo in a real browser, over a real model server with two versions."""

from __future__ import annotations

import base64
import io
import json
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright import sync_api as playwright

from models.declaration import Declaration
from models.description import describe
from serving.clients.pictures import encode
from tests.picture_files import encoded, large, photo, turned
from tests.serving.demo.running import Running, ask, watched

pytestmark = pytest.mark.slow
LABELS = DARK, MIDDLING, BRIGHT = ["T-shirt/top", "Trouser", "Pullover"]
"""Of which there are bundled pictures."""
DECLARATION = Declaration.model_validate(
    {
        "features": {"image": {"kind": "image", "size": [28, 28]}},
        "label": {"name": "label", "kind": "classes", "values": LABELS},
    }
)
playwright.expect.set_options(timeout=30_000)  # The first answer takes long on a busy machine.


@pytest.fixture(scope="module")
def base_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions that tell dark from bright.

    The first one decodes as the product's models do; the second one stretches pictures, as they
    once did, and always says MIDDLING.
    """
    import tensorflow as tf

    from models.features.image.pictures import decoder

    def stretched(file):
        image = tf.io.decode_image(file, 1, expand_animations=False)
        return tf.cast(tf.image.resize(image, [28, 28])[:, :, 0], tf.uint8)

    def stretch_images(files):
        return tf.map_fn(stretched, files, fn_output_signature=tf.TensorSpec([28, 28], tf.uint8))

    base = tmp_path_factory.mktemp("demo") / "light"
    for version, decode, middling in ((1, decoder(28, 28, 1), 0.0), (2, stretch_images, 9.9)):

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "image_bytes")])
        def image_bytes(image_bytes, decode=decode, middling=middling):
            light = tf.reduce_mean(tf.cast(decode(image_bytes), tf.float32), axis=[1, 2]) / 255
            always = tf.ones_like(light) * middling
            found = tf.nn.softmax(tf.stack([10 * (0.05 - light), always - 5, 10 * light], axis=1))
            return {
                "label": tf.gather(LABELS, tf.argmax(found, axis=1)),
                "score": tf.reduce_max(found, axis=1),
                "probabilities": found,
            }

        folder = base / str(version)
        tf.saved_model.save(tf.Module(), str(folder), signatures={"image_bytes": image_bytes})
        (folder / "assets.extra").mkdir()
        (folder / "assets.extra" / "provenance.json").write_text(json.dumps({"labels": LABELS}))
        (folder / "assets.extra" / "features.json").write_bytes(describe(DECLARATION).encode())
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


@pytest.fixture
def page(browser, url):
    """The page with its test images."""
    with watched(browser, url) as page:
        page.wait_for_selector("#pictures img")
        yield page


def wait(page, wanted: str) -> None:
    playwright.expect(page.locator("#label")).to_have_text(re.compile(f"^{wanted}, score"))


def image(value: int) -> dict:
    content = encode(np.full((40, 40), value, np.uint8))
    return {"name": "<b>shirt</b>.png", "mimeType": "image/png", "buffer": content}


def test_picking_a_test_image_shows_every_score_version_latency_and_request(page):
    page.select_option("#version", "1")
    page.click("img[alt='pullover 1']")
    wait(page, BRIGHT)
    assert page.locator("#bars li").count() == 3
    assert page.locator("#bars li.best span").first.inner_text() == BRIGHT
    assert page.inner_text("#answered") == "version 1"
    assert re.fullmatch(r"[\d.]+ ms", page.inner_text("#latency"))
    command = page.inner_text("#request")
    body = json.loads(shlex.split(command)[-2])
    status, _, answer = ask(shlex.split(command)[-1], "", json.dumps(body).encode())
    assert status == 200
    assert json.loads(answer)["predictions"][0]["label"] == BRIGHT


def test_another_version_answers_when_it_is_chosen(page):
    page.click("img[alt='pullover 1']")
    wait(page, MIDDLING)
    assert page.inner_text("#answered") == "version 2"
    page.select_option("#version", "1")
    wait(page, BRIGHT)


def test_what_is_still_being_read_when_another_version_is_chosen_is_asked_about(page):
    held = []
    page.route("**/pictures/2-*", lambda route: held.append(route))
    with page.expect_request("**/pictures/2-*"):
        page.click("img[alt='pullover 1']")
    with page.expect_response("**/api/model?version=1"):
        page.select_option("#version", "1")
    page.wait_for_timeout(200)  # By then it has asked with that version, about nothing yet.
    held[0].continue_()
    wait(page, BRIGHT)


def test_drawing_asks_while_one_draws(page):
    page.select_option("#version", "1")
    box = page.locator("#board").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 10):
        page.mouse.move(box["x"] + 60 + 20 * step, box["y"] + 60 + 18 * step)
    page.mouse.up()
    wait(page, BRIGHT)
    assert page.is_disabled("#invert")
    assert page.inner_text("#sent") == "the drawing, as it is"
    assert seen(page).shape == (28, 28)


def seen(page) -> np.ndarray:
    """What the page shows as seen by the model."""
    [url] = [page.get_attribute("#seen", "src")]
    content = base64.b64decode(url.removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(content)))


def upload(page, name: str, content: bytes) -> None:
    page.set_input_files("#file", files=[{"name": name, "mimeType": "", "buffer": content}])


def drop(page, event: str, *files: tuple[str, bytes], kind: str = "") -> None:
    """As from the desktop, or as a paste; Chromium has no other way in for a test."""
    page.evaluate(
        """([event, kind, files]) => {
          const data = new DataTransfer();
          for (const [name, bytes] of files) {
            data.items.add(new File([Uint8Array.from(bytes)], name, { type: kind }));
          }
          const init = { bubbles: true, cancelable: true };
          const found = event === "paste"
            ? new ClipboardEvent("paste", { ...init, clipboardData: data })
            : new DragEvent(event, { ...init, dataTransfer: data });
          document.getElementById("board").dispatchEvent(found);
        }""",
        [event, kind, [[name, list(content)] for name, content in files]],
    )


def assert_no_answer(page, said: str) -> None:
    playwright.expect(page.locator("#label")).to_have_text(said)
    assert page.locator("#bars li").count() == 0
    for id in ("answered", "latency", "sent", "request", "unseen"):
        assert page.inner_text(f"#{id}") == "–"
    assert page.is_hidden("#seen")
    assert page.is_disabled("#copy")
    assert not page.is_checked("#invert")
    board = "document.getElementById('board')"
    pixels = f"{board}.getContext('2d').getImageData(0, 0, {board}.width, {board}.height).data"
    assert page.evaluate(f"{pixels}.every((value, index) => value === (index % 4 < 3 ? 0 : 255))")


def test_an_upload_on_a_light_ground_is_inverted_unless_told_otherwise(page):
    page.select_option("#version", "1")
    page.set_input_files("#file", files=[image(255)])
    wait(page, DARK)
    assert page.is_checked("#invert")
    page.uncheck("#invert")
    wait(page, BRIGHT)


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_picture_keeps_its_shape_and_is_shown_as_the_model_sees_it(page, version):
    page.select_option("#version", version)
    strip = Image.new("RGB", (600, 200), (250, 250, 250))
    strip.paste((0, 0, 0), (0, 0, 600, 40))  # so that the corners do not say: light
    upload(page, "wide.jpg", encoded(strip, "JPEG"))
    sent = {"1": "wide.jpg, as it is", "2": "28×28 grey pixels of wide.jpg, made by the page"}
    playwright.expect(page.locator("#sent")).to_have_text(sent[version])
    found = seen(page)
    assert not found[:9].any()
    assert not found[19:].any()
    assert (found[12:18] > 240).all()
    body = json.loads(shlex.split(page.inner_text("#request"))[-2])
    answer = ask_model(page, body)
    assert answer["score"] == pytest.approx(float(page.inner_text("#label").split()[-1]), abs=6e-4)


def ask_model(page, body: dict) -> dict:
    address = shlex.split(page.inner_text("#request"))[-1]
    status, _, answer = ask(address, "", json.dumps(body).encode())
    assert status == 200
    return json.loads(answer)["predictions"][0]


def test_what_is_transparent_lies_on_white(page):
    page.select_option("#version", "1")
    pixels = np.zeros((60, 60, 4), np.uint8)
    pixels[20:40, 20:40, 3] = 255  # black, on nothing
    upload(page, "cutout.png", encoded(Image.fromarray(pixels)))
    wait(page, "|".join(LABELS))
    assert page.is_checked("#invert")
    page.uncheck("#invert")
    playwright.expect(page.locator("#sent")).to_have_text("cutout.png, as it is")
    assert seen(page)[0, 0] == 255
    assert seen(page)[14, 14] == 0
    board = "document.getElementById('board').getContext('2d').getImageData(5, 5, 1, 1).data[0]"
    deadline = time.monotonic() + 60
    while page.evaluate(board) != 255 and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert page.evaluate(board) == 255


BOX = Image.new("RGB", (50, 40), (5, 5, 5))
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 3"><rect width="9" height="3"/></svg>'
)
KINDS = {
    "a.png": encoded(BOX),
    "a.webp": encoded(BOX, "WEBP", lossless=True),
    "a.gif": encoded(BOX, "GIF", save_all=True, append_images=[photo(50, 40)]),
    "a.bmp": encoded(BOX, "BMP"),
    "a.tiff": encoded(BOX, "TIFF"),
    "cmyk.jpg": encoded(BOX.convert("CMYK"), "JPEG"),
    "grey16.png": encoded(Image.fromarray(np.full((9, 9), 1_200, np.uint16))),
    "a.svg": SVG,
}


def test_every_kind_of_picture_is_answered(page):
    page.select_option("#version", "1")
    for name, content in KINDS.items():
        mime = "image/svg+xml" if name.endswith(".svg") else ""
        page.set_input_files("#file", files=[{"name": name, "mimeType": mime, "buffer": content}])
        playwright.expect(page.locator("#sent")).to_contain_text(name)
        wait(page, DARK)


def test_a_turned_photo_is_upright(page):
    page.select_option("#version", "1")
    upload(page, "turned.jpg", turned(photo(), 6, "JPEG"))
    playwright.expect(page.locator("#sent")).to_contain_text("turned.jpg")
    upright = seen(page)
    assert upright.any(1).sum() < upright.any(0).sum() == 28


BOMB = large(12_000, 12_000)


REFUSED = [
    ("<img src=x onerror=alert(1)>.png", b"no", "is no image that can be read here"),
    ("text.png", b"hello, world", "text.png is no image that can be read here"),
    ("empty.jpg", b"", "empty.jpg is empty."),
    ("page.jpg", b"<!DOCTYPE html><html>404</html>", "page.jpg is an HTML page; save it as PNG"),
    ("a.heic", b"\0\0\0\x18ftypheic" + bytes(99), "a.heic is a HEIC photo; save it as PNG"),
    ("cut.png", encoded(photo())[:-90], "cut.png is a damaged PNG image."),
    ("bomb.png", BOMB, "bomb.png has more than 64,000,000 pixels; scale it down."),
]


def test_what_is_no_picture_is_named_and_takes_the_old_answer_away(page):
    for name, content, said in REFUSED:
        page.click("img[alt='trouser 1']")
        wait(page, MIDDLING)
        assert page.inner_text("#error") == ""
        upload(page, name, content)
        playwright.expect(page.locator("#error")).to_contain_text(said)
        assert page.locator("#error img").count() == 0
        assert_no_answer(page, "No answer.")


def test_a_file_that_is_too_large_is_not_even_sent(page, tmp_path):
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate((32 << 20) + 1)
    page.set_input_files("#file", files=[path])
    said = "huge.png is larger than 32 MiB; scale it down."
    playwright.expect(page.locator("#error")).to_have_text(said)
    assert_no_answer(page, "No answer.")


def test_clear_takes_everything_away_and_also_what_is_on_its_way(page):
    page.set_input_files("#file", files=[image(255)])
    wait(page, MIDDLING)
    assert page.is_checked("#invert")
    page.click("#clear")
    assert_no_answer(page, "Draw, upload or pick an image.")
    picking = "document.querySelector('#pictures button').click()"
    page.evaluate(f"{picking}; document.getElementById('clear').click()")
    page.wait_for_timeout(500)
    assert_no_answer(page, "Draw, upload or pick an image.")


def test_pictures_can_be_dropped_and_pasted(page):
    page.select_option("#version", "1")
    drop(page, "drop", ("a.png", encoded(BOX)))
    playwright.expect(page.locator("#sent")).to_have_text("a.png, as it is")
    drop(page, "drop", ("b.png", encoded(BOX)), ("c.png", b""))
    playwright.expect(page.locator("#error")).to_have_text("Of 2 files only b.png is shown.")
    assert page.inner_text("#sent") == "b.png, as it is"
    drop(page, "paste", ("image.png", encoded(BOX)), kind="image/png")
    playwright.expect(page.locator("#sent")).to_have_text("the pasted picture, as it is")
    drop(page, "paste")
    playwright.expect(page.locator("#error")).to_have_text("What was pasted is no picture file.")
    assert_no_answer(page, "No answer.")


def test_the_request_of_a_large_file_reads_it(page, tmp_path):
    page.select_option("#version", "1")
    noise = np.random.default_rng(0).integers(0, 11, (300, 400, 3), np.uint8)
    content = encoded(Image.fromarray(noise))
    upload(page, "my photo.png", content)
    playwright.expect(page.locator("#sent")).to_have_text("my photo.png, as it is")
    command = page.inner_text("#request")
    assert len(command) < 1_000
    (tmp_path / "my photo.png").write_bytes(content)
    answer = subprocess.run(command, shell=True, capture_output=True, check=True, cwd=tmp_path)
    assert json.loads(answer.stdout)["predictions"][0]["label"] == DARK


@pytest.mark.parametrize("secure", [True, False])
def test_copy_works_also_where_browsers_have_no_clipboard_for_pages(browser, url, secure):
    """Which is everywhere but on this machine and over https."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    if not secure:
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto(url)
    page.click("img[alt='trouser 1']")
    wait(page, MIDDLING)
    page.click("#copy")
    playwright.expect(page.locator("#copy")).to_have_text("Copied")
    other = context.new_page()
    other.goto(url)
    assert other.evaluate("navigator.clipboard.readText()") == page.inner_text("#request")
    page.evaluate("void (document.execCommand = () => false)")
    page.evaluate(
        "void (navigator.clipboard && (navigator.clipboard.writeText = () => Promise.reject()))"
    )
    playwright.expect(page.locator("#copy")).to_have_text("Copy")
    page.click("#copy")
    playwright.expect(page.locator("#copy")).to_have_text("Selected: press Ctrl-C")
    assert page.evaluate("getSelection().toString()").strip() == page.inner_text("#request")
    context.close()


def test_the_keyboard_is_enough(page):
    page.select_option("#version", "1")
    page.focus("#board")
    pen, state = page.locator("#pen"), page.locator("#pen-state")
    playwright.expect(pen).to_be_hidden()
    page.keyboard.press(" ")
    playwright.expect(pen).to_have_class("down")
    playwright.expect(state).to_have_text("The pen is down.")
    before = pen.bounding_box()
    for key in [*["ArrowRight"] * 8, *["ArrowDown"] * 8, " "]:
        page.keyboard.press(key)
    after = pen.bounding_box()
    assert [round(after[side] - before[side]) for side in ("x", "y")] == [88, 88]
    playwright.expect(pen).not_to_have_class("down")
    playwright.expect(state).to_have_text("The pen is up.")
    wait(page, BRIGHT)
    page.focus("#pictures button")
    playwright.expect(pen).to_be_hidden()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.querySelector('img').alt") == "t shirt top 2"


def test_a_phone_shows_it_without_scrolling_sideways(browser, url):
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="dark")
    page = context.new_page()
    page.goto(url)
    page.click("img[alt='trouser 1']")
    page.wait_for_selector("#bars li")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 24, 28)"
    context.close()


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/api/predict", b"no image", 400, b"The picture is no image that can be read here"),
        ("/api/predict", b"x" * (33 << 20), 413, b"The picture is larger than 32 MiB"),
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
