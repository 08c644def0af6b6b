"""The form of models of columns in a real browser, over a real model server.

Five versions of one model: classes from a picture and a category, a number from columns of all
kinds, tags, a model of somebody else, beside which nothing is written down, and a number from
columns that are written as in no two countries.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright import sync_api as playwright

from documents.features import Features, Seen
from documents.predict_request import PredictRequest
from models.declaration import Declaration
from models.description import describe
from serving.clients.pictures import encode
from tests.serving.demo.running import Running, ask, watched

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=alert(1)>"
"""Names a feature, a category, a class and a file."""
LONG = "W" * 200
"""The longest name of a tag, without a place to break it."""
PICTURE, COLUMNS, TAGS, FOREIGN, WRITTEN = "1", "2", "3", "4", "5"
COMPANY = {"kind": "category"}
DECLARATIONS: dict[str, Any] = {
    PICTURE: {
        "features": {
            "photo": {"kind": "image", "size": [8, 8], "channels": 3},
            HOSTILE: COMPANY,
        },
        "label": {"name": "light", "kind": "classes", "values": [HOSTILE, "light"]},
    },
    COLUMNS: {
        "features": {
            "fare": {"kind": "number"},
            "company": COMPANY,
            "start": {"kind": "date"},
            "remarks": {"kind": "text"},
            "day": {"kind": "date"},
        },
        "label": {"name": "price", "kind": "number"},
    },
    TAGS: {
        # JavaScript has something of that name in every object.
        "features": {"fare": {"kind": "number"}, "__proto__": {"kind": "number"}},
        "label": {"name": "topics", "kind": "tags", "values": ["cheap", "dear", LONG]},
    },
    WRITTEN: {
        "features": {
            "at": {"kind": "time", "missing": ["00:00"]},
            "since": {"kind": "time"},
            "cost": {"kind": "number", "decimal": ",", "thousands": ".", "unit": "€"},
            "degrees": {"kind": "number", "decimal": ",", "missing": [-999.0, "broken"]},
            "born": {"kind": "date", "format": "%d.%m.%Y", "missing": ["01.01.1900"]},
            "moment": {"kind": "date", "format": "unix", "missing": ["0"]},
        },
        "label": {"name": "risk", "kind": "number"},
    },
}
EXAMPLES: dict[str, Any] = {
    PICTURE: {"photo": encode(np.zeros((8, 8, 3), np.uint8)), HOSTILE: HOSTILE},
    COLUMNS: {
        "fare": 12.5,
        "company": "Red",
        "start": "2013-05-01T00:15:00",
        "remarks": "",
        "day": "2013-05-01T00:00:00",
    },
    TAGS: {"fare": 10.0, "__proto__": 0.0},
    WRITTEN: {
        "at": "14:30:00",
        "since": "07:05:12",
        "cost": 1234.5,
        "degrees": -3.5,
        "born": "1980-05-17T00:00:00",
        "moment": "2026-11-25T13:45:00",
    },
}
SEEN = {
    "fare": Seen(low=0.0, high=80.0),
    "company": Seen(values=("Blue", "Red")),
    HOSTILE: Seen(values=(HOSTILE, "b")),
    "day": Seen(low="2013-01-01T00:00:00", high="2013-12-31T00:00:00", whole=True),
    "at": Seen(low="08:00:00", high="18:00:00", whole=True),
    "cost": Seen(low=0.0, high=5000.0),
    "born": Seen(low="1950-01-01T00:00:00", high="2010-12-31T00:00:00", whole=True),
}


def _light(tf: Any, columns: Mapping[str, Any]) -> Any:
    from models.features.image.pictures import decoder

    photo = decoder(8, 8, 3)(columns["photo"])
    light = tf.reduce_mean(tf.cast(photo, tf.float32), axis=[1, 2, 3]) / 255
    return {"probabilities": tf.stack([1 - light, light], axis=1)}


def _price(tf: Any, columns: Mapping[str, Any]) -> Any:
    """In which one reads what every column held; NaN counts as -1."""

    def length(name: str) -> Any:
        return tf.cast(tf.strings.length(columns[name]), tf.float32)

    fare = tf.where(tf.math.is_nan(columns["fare"]), -1.0, columns["fare"])
    weighed = 100 * length("company") + 1_000 * length("start") + 100_000 * length("day")
    return {"prediction": fare + weighed + 0.25 * length("remarks")}


def _topics(tf: Any, columns: Mapping[str, Any]) -> Any:
    dear = (columns["fare"] + columns["__proto__"]) / 100
    return {"probabilities": tf.stack([1 - dear, dear, 0 * dear + 0.25], axis=1)}


def _risk(tf: Any, columns: Mapping[str, Any]) -> Any:
    """In which one reads what the network would see of each column; -7 where it is missing."""
    from models.features.transforms import TRANSFORMS

    total = tf.zeros_like(columns["cost"])
    for weight, (name, kind) in enumerate(KINDS.items(), start=1):
        for of in TRANSFORMS[kind.kind](kind, name, columns[name]).numbers.values():
            total += weight * tf.where(tf.math.is_nan(of), -7.0, of)
    return {"prediction": total}


KINDS = Declaration.model_validate(DECLARATIONS[WRITTEN]).used
MODELS: dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    PICTURE: _light,
    COLUMNS: _price,
    TAGS: _topics,
    WRITTEN: _risk,
}


def _write(base: Path, version: str) -> None:
    import tensorflow as tf

    from models.signature_inputs import name_inputs, plain_names

    declaration = Declaration.model_validate(DECLARATIONS[version])
    kinds = declaration.used
    plain = plain_names(kinds)
    specs = {
        plain[name]: tf.TensorSpec(
            [None], tf.float32 if kind.STORED == "FLOAT" else tf.string, plain[name]
        )
        for name, kind in kinds.items()
    }

    @tf.function(input_signature=[specs])
    def serving_default(columns):
        return MODELS[version](tf, {name: columns[plain[name]] for name in kinds})

    folder = base / version
    tf.saved_model.save(tf.Module(), str(folder), signatures={"serving_default": serving_default})
    name_inputs(str(folder), "serving_default", declaration, plain)
    body = json.loads(json.dumps(EXAMPLES[version], default=_as_base64))
    request = PredictRequest(signature_name="serving_default", instances=(body,))
    (folder / "assets.extra").mkdir()
    document = describe(declaration, request, SEEN)
    (folder / "assets.extra" / Features.FILE).write_bytes(document.encode())


def _as_base64(content: bytes) -> dict[str, str]:
    import base64

    return {"b64": base64.b64encode(content).decode()}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    import tensorflow as tf

    from serving.launch import launch

    base = tmp_path_factory.mktemp("form") / "trips"
    for version in DECLARATIONS:
        _write(base, version)

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.int64, "count"),
            tf.TensorSpec([None, 2], tf.float32, "vector"),
        ]
    )
    def predict(count, vector):
        return {"sum": tf.cast(count, tf.float32) + tf.reduce_sum(vector, 1), "vector": vector}

    tf.saved_model.save(tf.Module(), str(base / FOREIGN), signatures={"asked": predict})
    config = base.parent / "models.config"
    config.write_text(
        f'model_config_list {{ config {{ name: "trips" base_path: "{base}" '
        'model_platform: "tensorflow" model_version_policy { all {} } } }'
    )
    flags = [f"--model_config_file={config}"]
    with launch(base, "trips", backend="embedded", flags=flags) as server:
        for version in {*DECLARATIONS, FOREIGN}:
            server.wait_available(int(version))
        with Running("--base-path", str(base), "--url", server.rest_url) as address:
            yield address


@pytest.fixture
def page(browser, url):
    with watched(browser, url) as page:
        page.wait_for_selector("#fields .field")
        yield page


def choose(page: Any, version: str) -> None:
    page.select_option("#version", version)
    playwright.expect(page.locator("#answered")).to_have_text(f"version {version}", timeout=60_000)


def says(page: Any, wanted: str) -> None:
    playwright.expect(page.locator("#label")).to_have_text(wanted, timeout=60_000)


def control(page: Any, name: str) -> Any:
    """What one types the feature into."""
    return page.get_by_label(name, exact=True).and_(page.locator("[id^=field-]"))


def test_every_kind_has_its_control_and_begins_with_an_example(page):
    choose(page, COLUMNS)
    says(page, "price = 1919312")  # 12.5 + 300 + 19,000 + 1,900,000
    assert control(page, "fare").input_value() == "12.5"
    assert page.get_attribute("input[type=range]", "max") == "80"
    assert control(page, "company").input_value() == "=Red"
    assert control(page, "start").get_attribute("type") == "datetime-local"
    assert control(page, "day").get_attribute("type") == "date"
    assert control(page, "remarks").evaluate("element => element.tagName") == "TEXTAREA"
    assert page.is_checked("[aria-label='remarks is missing']")
    assert page.locator("#bars li").count() == 0
    assert page.is_hidden("#board")


def test_each_control_reaches_the_model(page):
    choose(page, COLUMNS)
    page.check("[aria-label='day is missing']")
    says(page, "price = 19312.5")
    control(page, "fare").fill("-3")  # far from the slider
    says(page, "price = 19297")
    page.locator("input[type=range]").evaluate(
        "element => { element.value = 40; element.dispatchEvent(new Event('input')) }"
    )
    says(page, "price = 19340")
    assert control(page, "fare").input_value() == "40"
    page.check("[aria-label='fare is missing']")
    says(page, "price = 19299")
    control(page, "company").select_option("=Blue")
    says(page, "price = 19399")
    control(page, "company").select_option("other")
    page.fill("[aria-label='company, another value']", HOSTILE)
    says(page, f"price = {18_999 + 100 * len(HOSTILE)}")
    page.uncheck("[aria-label='remarks is missing']")
    control(page, "remarks").fill("four")
    says(page, f"price = {19_000 + 100 * len(HOSTILE)}")
    control(page, "start").fill("2020-02-29T23:59:58")
    page.click("#none")
    says(page, "price = -1")
    page.click("#example")
    says(page, "price = 1919312")


def test_an_error_names_the_feature_and_takes_the_old_answer_away(page):
    choose(page, COLUMNS)
    control(page, "fare").fill("much")
    said = "fare holds 'much', which is no number."
    playwright.expect(page.locator("#error")).to_have_text(said)
    says(page, "No answer.")
    for id in ("answered", "latency", "sent", "request"):
        assert page.inner_text(f"#{id}") == "–"
    assert page.is_disabled("#copy")
    control(page, "fare").fill("1")
    says(page, "price = 1919301")
    assert page.inner_text("#error") == ""


@pytest.mark.parametrize("spelled", ["curl", "Python"])
def test_the_request_can_be_copied_and_asks_the_same(page, spelled, tmp_path):
    choose(page, COLUMNS)
    page.click("#none")
    says(page, "price = -1")
    if spelled == "Python":
        page.check("#as-python")
        program = page.inner_text("#request")
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
        assert done.stdout == "-1.0\n"
        return
    words = shlex.split(page.inner_text("#request"))
    status, _, answer = ask(words[-1], "", words[-2].encode())
    assert (status, json.loads(answer)) == (200, {"predictions": [-1.0]})


def test_a_picture_among_columns_is_shown_as_the_model_sees_it(page):
    choose(page, PICTURE)
    says(page, f"{HOSTILE}, score 1.000")
    assert page.locator("#bars li.best span").first.inner_text() == HOSTILE
    assert page.locator("main img[src='x']").count() == 0
    content = encode(np.full((10, 40, 3), 255, np.uint8))
    picture = {"name": f"{HOSTILE}.png", "mimeType": "image/png", "buffer": content}
    control(page, "photo").set_input_files(files=[picture])
    says(page, f"{HOSTILE}, score 0.750")  # a strip of 2 × 8 pixels is light
    shown = page.locator(".picture img")
    playwright.expect(shown).to_be_visible()
    assert shown.evaluate("image => image.naturalHeight") == 8
    control(page, "photo").set_input_files(
        files=[{"name": "a.png", "mimeType": "image/png", "buffer": b"<html>no"}]
    )
    playwright.expect(page.locator("#error")).to_contain_text("photo is")
    says(page, "No answer.")
    playwright.expect(shown).to_be_hidden()


def test_tags_are_listed_and_every_one_has_a_bar(page):
    choose(page, TAGS)
    says(page, "cheap")
    control(page, "fare").fill("50")
    says(page, "cheap, dear")
    assert page.locator("#bars li.best").count() == 2
    page.check("[aria-label='fare is missing']")
    says(page, "The model's answer")  # NaN is no score
    assert "NaN" in page.inner_text("#said")


def test_a_model_of_somebody_else_is_asked_by_its_signature(page):
    choose(page, FOREIGN)
    says(page, "The model's answer")
    control(page, "count").fill("4")
    control(page, "vector").fill("[1.5, 2]")
    playwright.expect(page.locator("#said")).to_contain_text('"sum": 7.5')
    control(page, "vector").fill("[1.5")
    playwright.expect(page.locator("#error")).to_contain_text("vector holds no valid JSON")
    control(page, "vector").fill('"text"')
    playwright.expect(page.locator("#error")).to_contain_text("The model server answered 400")
    playwright.expect(page.locator("#said")).to_be_hidden()


def test_what_was_typed_stays_where_another_version_has_the_field(page):
    choose(page, COLUMNS)
    control(page, "fare").fill("70")
    choose(page, TAGS)
    says(page, "dear")
    assert control(page, "fare").input_value() == "70"


CELLS = [
    # What is typed with the keyboard, what the table would have, and the control.
    ("at", "0345PM", "3:45 PM"),
    ("since", "113005PM", "23:30:05"),
    ("cost", "1.234,56 €", "1.234,56 €"),
    ("cost", "\u22125,5", "-5,5"),
    ("degrees", "-999", "-999"),
    ("degrees", "Broken", "broken"),
    ("degrees", "-12,25", "-12,25"),
    ("born", "02291980", "29.02.1980"),
    ("moment", "11252026|013000PM", "1795613400"),
    ("born", "01011900", "01.01.1900"),
    ("at", "1200AM", "00:00"),
]


@pytest.mark.extended
def test_what_is_typed_is_read_as_in_a_table_and_answered_as_in_python(page):
    import tensorflow as tf

    choose(page, WRITTEN)
    held: dict[str, Any] = {
        "at": "14:30",
        "since": "7:05:12",
        "cost": "1.234,5",
        "degrees": "-3,5",
        "born": "17.05.1980",
        "moment": "1795614300",
    }
    for place, (name, keys, cell) in enumerate([("", "", ""), *CELLS]):
        width = (390, 1280)[place % 2]
        page.set_viewport_size({"width": width, "height": 800})
        if name:
            tab_to(page, control(page, name))
            if name in ("cost", "degrees"):
                page.keyboard.press("Control+A")
            date, _, time = keys.partition("|")
            page.keyboard.type(date)
            if time:
                page.keyboard.press("ArrowRight")  # from the year
                page.keyboard.type(time)
            held[name] = cell
        columns = {of: _sent(tf, KINDS[of], KINDS[of].value(cell)) for of, cell in held.items()}
        wanted = float(_risk(tf, columns)["prediction"].numpy()[0])
        says(page, f"risk = {wanted:.6g}")
        asked = json.loads(shlex.split(page.inner_text("#request"))[-2])["instances"][0]
        columns = {of: _sent(tf, KINDS[of], value) for of, value in asked.items()}
        assert float(_risk(tf, columns)["prediction"].numpy()[0]) == wanted
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    tab_to(page, page.locator("[aria-label='cost is missing']"))
    page.keyboard.press("Space")
    columns["cost"] = _sent(tf, KINDS["cost"], None)
    says(page, f"risk = {float(_risk(tf, columns)['prediction'].numpy()[0]):.6g}")
    assert control(page, "cost").is_disabled()
    tab_to(page, control(page, "since"))
    page.keyboard.press("Delete")
    playwright.expect(page.locator("#error")).to_have_text("since is no whole time yet.")


def _sent(tf: Any, kind: Any, value: Any) -> Any:
    is_number = kind.STORED == "FLOAT"
    missing: Any = float("nan") if is_number else b""
    return tf.constant(
        [missing if value is None else value], tf.float32 if is_number else tf.string
    )


def tab_to(page: Any, wanted: Any) -> None:
    """As one without a mouse goes there."""
    page.evaluate("document.activeElement.blur()")
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("no key leads there")


NAMES_BESIDE_BARS = """
    Array.from(document.querySelectorAll("#bars li"), (item) => {
        const name = document.createRange();
        name.selectNodeContents(item.children[0]);
        return name.getBoundingClientRect().right <= item.children[1].getBoundingClientRect().left;
    })
"""


def test_a_phone_shows_it_without_scrolling_sideways(browser, url):
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(url)
    for version in (PICTURE, COLUMNS, FOREIGN, TAGS):
        page.wait_for_selector("#fields .field")
        choose(page, version)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for width in (360, 1000):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate(NAMES_BESIDE_BARS) == [True] * 3
    context.close()


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"no", 400, "A form is an object of texts, null, or"),
        (b"[]", 400, "A form is an object of texts, null, or"),
        (b'{"fare": 1}', 400, "A form is an object of texts, null, or"),
        (b'{"fare": {"b64": "?"}}', 400, "A form is an object of texts, null, or"),
        (b'{"fares": "1"}', 400, "The model takes no feature fares."),
        (b'{"photo": "/etc/passwd"}', 400, "photo takes a picture."),
        (b" " * (33 << 20), 413, "The form is larger than 32 MiB"),
    ],
)
def test_bad_forms_get_a_sentence(url, body, status, said):
    version = PICTURE if b"photo" in body else COLUMNS
    code, _, answer = ask(url, f"/api/ask?version={version}", body)
    assert code == status
    assert re.search(re.escape(said), json.loads(answer)["error"])
