"""Features of all kinds, images among them, from examples to the answers of a served model."""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from components.serving_check.expected import complete, sized
from components.serving_check.options import NodeOptions
from components.serving_check.reference import read_reference
from documents.features import Features
from documents.questions import Questions
from documents.reader import parse
from documents.reference import EXAMPLES, PROBABILITIES, QUESTIONS
from models.features.image.png import png
from serving.clients.grpc_client import GrpcClient
from serving.clients.rest_client import RestClient, ServingError
from serving.launch import launch
from tests.components.serving_check.bench import QUICK
from tests.components.serving_check.mutants import (
    colours,
    tables_between,
    tables_beyond,
    tables_elsewhere,
    tables_hidden,
    tables_letters,
    tables_otherwise,
    tables_paired,
    tables_within,
    tables_written,
)
from tests.components.serving_check.mutants.stand import Stand, stand
from tests.components.serving_check.mutants.tables import TABLES, TAGS, THRESHOLD
from tests.e2e.trained import CLASSES, FEATURES, Trained
from tests.models.text_module import save_text_module
from tests.there import there

pytestmark = pytest.mark.slow

NUMBER = {"name": "price", "kind": "number"}
LABEL_OF_TAGS = {"name": "about", "kind": "tags", "values": [*TAGS], "threshold": THRESHOLD}
IMAGES = {
    "photo": {"kind": "image", "size": [6, 8], "channels": 3},
    "scan (grey)": {"kind": "image", "size": [5, 4]},
}
QUICKLY: dict[str, Any] = {"epochs": 5, "rate": 2e-2}
"""For models that few great steps are enough for: to evaluate each epoch takes as long as it."""


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return Trained(tmp_path_factory.mktemp("classes"), CLASSES, FEATURES, **QUICKLY)


@pytest.fixture(scope="module")
def tags(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return Trained(tmp_path_factory.mktemp("tags"), LABEL_OF_TAGS, FEATURES, **QUICKLY)


@pytest.fixture(scope="module")
def number(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Of columns, two images and a text with a module."""
    folder = tmp_path_factory.mktemp("number")
    module = save_text_module(folder / "module")
    praise = {"kind": "text", "module": str(module)}
    features = {**FEATURES, **IMAGES, "praise": praise}
    # Half of the epochs that the others of images take, of steps twice as great.
    trained = Trained(folder, NUMBER, features, epochs=8, rate=1e-2)
    module.rename(folder / "moved module")
    return trained


@pytest.fixture(scope="module")
def shade(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A number of one image and nothing else."""
    photo = {"photo": IMAGES["photo"]}
    return Trained(tmp_path_factory.mktemp("shade"), NUMBER, photo, **QUICKLY)


@pytest.fixture(scope="module")
def hues(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Classes of one image and nothing else."""
    photo = {"photo": IMAGES["photo"]}
    return Trained(tmp_path_factory.mktemp("hues"), CLASSES, photo)


@pytest.fixture(scope="module")
def moods(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Tags of one image and nothing else."""
    photo = {"photo": IMAGES["photo"]}
    return Trained(tmp_path_factory.mktemp("moods"), LABEL_OF_TAGS, photo)


def test_classes_are_learned_from_every_kind(classes: Trained) -> None:
    record = json.loads((classes.model / "training.json").read_text())
    assert record["eval_accuracy"] > 0.85
    assert record["labels"] == ["no", "yes"]


def test_columns_examples_and_python_agree(classes: Trained) -> None:
    columns = classes.columns(classes.cells[-100:])
    by_columns = classes.ask("serving_default", **columns)
    by_examples = classes.ask("examples", examples=np.array(classes.examples[-100:], object))
    assert list(by_columns) == ["probabilities"]
    assert np.array_equal(by_columns["probabilities"], by_examples["probabilities"])
    reference = np.load(classes.model / PROBABILITIES)
    np.testing.assert_allclose(by_examples["probabilities"], reference, rtol=1e-4, atol=1e-6)
    best = by_examples["probabilities"].argmax(axis=1)
    assert [["no", "yes"][index] for index in best] == [
        name.decode() for name in by_examples["label"]
    ]


def test_one_row_is_answered_as_in_company_and_none_by_none(classes: Trained) -> None:
    columns = classes.columns(classes.cells[:7])
    together = classes.ask("serving_default", **columns)["probabilities"]
    for index in range(7):
        alone = classes.ask(
            "serving_default", **{n: v[index : index + 1] for n, v in columns.items()}
        )
        np.testing.assert_allclose(alone["probabilities"][0], together[index], rtol=1e-5)
    nothing = classes.ask("serving_default", **{name: v[:0] for name, v in columns.items()})
    assert nothing["probabilities"].shape == (0, 2)
    assert classes.ask("examples", examples=np.array([], object))["probabilities"].shape == (0, 2)


@pytest.mark.extended
def test_edges_have_the_answers_of_python(classes: Trained, number: Trained) -> None:
    for trained in (classes, number):
        asked = parse(Questions, (trained.model / QUESTIONS).read_bytes())
        names = [question.name for question in asked.examples]
        assert {"nothing but missing values", "company unseen", "start missing"} <= set(names)
        contents = np.array([question.content for question in asked.examples], object)
        [found] = [
            values
            for name, values in trained.ask("examples", examples=contents).items()
            if name in ("probabilities", "prediction")
        ]
        wanted = np.array([question.probabilities for question in asked.examples], np.float32)
        assert np.isfinite(wanted).all()
        np.testing.assert_allclose(found.reshape(len(contents), -1), wanted, rtol=1e-4, atol=1e-5)


def test_a_missing_value_is_no_zero(classes: Trained) -> None:
    columns = {
        name: values.repeat(2) for name, values in classes.columns(classes.cells[:1]).items()
    }
    columns["fare (EUR)"] = np.array([math.nan, 0.0], np.float32)
    missing, zero = classes.ask("serving_default", **columns)["probabilities"]
    assert not np.allclose(missing, zero, atol=1e-3)


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Of a number, which may be missing as a number, of a time of day, and of categories that are
    true or false, and whole numbers."""
    features = {
        "fare (EUR)": {"kind": "number", "missing": [-999, "NA"]},
        "clock": {"kind": "time"},
        "paid": {"kind": "category", "boolean": True},
        "zone": {"kind": "category", "whole": True},
    }
    return Trained(tmp_path_factory.mktemp("clock"), CLASSES, features, **QUICKLY)


@pytest.mark.extended
def test_times_of_day_are_learned_and_what_stands_for_nothing_is_missing(clock: Trained) -> None:
    trained = clock
    held_out = trained.labels[-100:]
    constant = max(held_out.count("no"), held_out.count("yes")) / len(held_out)
    accuracy = json.loads((trained.model / "training.json").read_text())["eval_accuracy"]
    assert accuracy > constant + 0.05
    row = {
        "fare (EUR)": np.array([math.nan, -999.0, 12.0], np.float32),
        **{"paid": np.array([b"true"] * 3, object), "zone": np.array([b"1"] * 3, object)},
    }
    texts = np.array([b"14:30", b"14:30:00", b"02:30:00"], object)
    missing, sentinel, night = trained.ask("serving_default", **row, clock=texts)["probabilities"]
    np.testing.assert_array_equal(missing, sentinel)
    assert not np.allclose(sentinel, night, atol=1e-3)
    with pytest.raises(Exception, match="clock holds what is no time of day"):
        trained.ask("serving_default", **row, clock=np.array([b"25:00"] * 3, object))


@pytest.mark.parametrize("day", ["2026-13-45x", "yesterday", "26-01-01"])
def test_what_is_no_date_is_refused(classes: Trained, day: str) -> None:
    columns = classes.columns(classes.cells[:1])
    columns["start"] = np.array([day.encode()], object)
    with pytest.raises(Exception, match="start holds what is no date"):
        classes.ask("serving_default", **columns)


def test_dates_may_be_short(classes: Trained) -> None:
    columns = {n: v.repeat(3) for n, v in classes.columns(classes.cells[:1]).items()}
    columns["start"] = np.array(
        [b"2026-02-03", b"2026-02-03T00:00", b"2026-02-03 00:00:00"], object
    )
    first, second, third = classes.ask("serving_default", **columns)["probabilities"]
    assert np.array_equal(first, second)
    assert np.array_equal(first, third)


@pytest.mark.extended
def test_numbers_are_learned(number: Trained) -> None:
    columns = number.columns(number.cells[-100:])
    found = number.ask("serving_default", **columns)["prediction"]
    wanted = np.array(number.labels[-100:])
    assert found.shape == (100,)
    assert np.corrcoef(found, wanted)[0, 1] > 0.8
    assert np.abs(found - wanted).mean() < 15
    by_examples = number.ask("examples", examples=np.array(number.examples[-100:], object))
    assert np.array_equal(by_examples["prediction"], found)


@pytest.mark.extended
def test_images_beside_columns_take_part(number: Trained) -> None:
    columns = {name: v.repeat(2) for name, v in number.columns(number.cells[:1]).items()}
    dark, bright = (png(np.full((6, 8, 3), shade, np.uint8)) for shade in (50, 200))
    columns["photo"] = np.array([dark, bright], object)
    low, high = number.ask("serving_default", **columns)["prediction"]
    assert 20 < high - low < 60
    nothing = {name: values[:0] for name, values in columns.items()}
    assert number.ask("serving_default", **nothing)["prediction"].shape == (0,)


@pytest.mark.extended
def test_a_text_is_read_by_its_module(number: Trained) -> None:
    columns = {name: v.repeat(3) for name, v in number.columns(number.cells[:1]).items()}
    columns["praise"] = np.array([b"very good ride", b"not at all", b""], object)
    found = number.ask("serving_default", **columns)["prediction"]
    assert len({*np.round(found, 2).tolist()}) == 3
    record = json.loads((number.model / "training.json").read_text())
    assert len(record["modules"]["praise"]["sha256"]) == 64
    assert record["modules"]["praise"]["trainable"]


@pytest.mark.extended
@pytest.mark.parametrize("content", [b"", b"no image", png(np.zeros((9, 9), np.uint8))[:40]])
def test_what_is_no_image_is_refused(number: Trained, content: bytes) -> None:
    columns = number.columns(number.cells[:1])
    columns["scan (grey)"] = np.array([content], object)
    with pytest.raises(Exception, match="PNG"):
        number.ask("serving_default", **columns)


@pytest.mark.extended
def test_a_number_is_learned_of_an_image(shade: Trained) -> None:
    images = np.stack([cells["photo"] for cells in shade.cells[-100:]])
    found = shade.ask("serving_default", images=images)["prediction"]
    assert np.corrcoef(found, shade.labels[-100:])[0, 1] > 0.5
    files = np.array([png(image) for image in images], object)
    by_file = shade.ask("image_bytes", image_bytes=files)
    assert list(by_file) == ["prediction"]
    assert np.array_equal(by_file["prediction"], found)


def test_the_document_says_how_to_ask(classes: Trained) -> None:
    document = parse(Features, (classes.model / Features.FILE).read_bytes())
    assert [
        (f.name, f.input and f.input.dtype, f.input and f.input.missing) for f in document.features
    ] == [
        ("fare (EUR)", "DT_FLOAT", "NaN"),
        ("company", "DT_STRING", ""),
        ("start", "DT_STRING", ""),
        ("remarks", "DT_STRING", ""),
        ("id", None, None),
    ]
    [instance] = there(document.example).instances
    first = next(tf.data.TFRecordDataset(str(classes.model / EXAMPLES)).as_numpy_iterator())
    columns = {
        name: np.array(
            [value if isinstance(value, float) else value.encode()],
            object if isinstance(value, str) else np.float32,
        )
        for name, value in instance.items()
    }
    assert np.array_equal(
        classes.ask("serving_default", **columns)["probabilities"],
        classes.ask("examples", examples=np.array([first], object))["probabilities"],
    )


def test_a_default_stands_in_the_signature(classes: Trained) -> None:
    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((classes.model / "Format-Serving" / "saved_model.pb").read_bytes())
    defaults = saved.meta_graphs[0].signature_def["serving_default"].defaults
    assert list(defaults) == ["fare (EUR)"]
    assert tf.make_ndarray(defaults["fare (EUR)"]).tolist() == [5.0]


def test_a_default_is_filled_in_over_grpc_alone(classes: Trained, tmp_path: Path) -> None:
    shutil.copytree(classes.model / "Format-Serving", tmp_path / "base" / "1")
    whole = classes.columns(classes.cells[:2])
    whole["fare (EUR)"][:] = 5.0
    one = {name: values[:1] for name, values in whole.items()}
    without = {name: values for name, values in one.items() if name != "fare (EUR)"}
    with (
        launch(tmp_path / "base", "table", backend="embedded", grpc=True) as server,
        GrpcClient(str(server.grpc_target), "table") as grpc,
    ):
        server.wait_available(1)
        wanted = grpc.predict(one)["probabilities"]
        assert np.array_equal(grpc.predict(without)["probabilities"], wanted)
        with pytest.raises(ServingError, match="alias: company"):
            grpc.predict({name: v for name, v in without.items() if name != "company"})
        # A default is one row, and is not repeated.
        many = {name: values for name, values in whole.items() if name != "fare (EUR)"}
        with pytest.raises(ServingError) as raised:
            grpc.predict(many)
        assert raised.value.status == 400
        [instance] = [
            {name: v[0].decode() if isinstance(v[0], bytes) else float(v[0]) for name, v in of}
            for of in [without.items()]
        ]
        with pytest.raises(ServingError) as raised:
            RestClient(server.rest_url, "table").predict([instance])
        assert raised.value.status == 400


@pytest.mark.extended
def test_tags_are_learned_and_answered_as_the_data_have_them(tags: Trained) -> None:
    columns = tags.columns(tags.cells[-100:])
    found = tags.ask("columns", **columns)
    assert list(tags.ask("serving_default", **columns)) == ["probabilities"]
    by_examples = tags.ask("examples", examples=np.array(tags.examples[-100:], object))
    assert all(np.array_equal(found[name], by_examples[name]) for name in ("tags", "probabilities"))
    wanted = [[*filter(None, text.split("|"))] for text in tags.labels[-100:]]
    answered = [[*filter(None, text.decode().split("|"))] for text in found["tags"]]
    for names, probabilities in zip(answered, found["probabilities"], strict=True):
        likely = zip(TAGS, probabilities, strict=True)
        assert names == [name for name, value in likely if value >= THRESHOLD]
    hits = sum(len({*a} & {*b}) for a, b in zip(answered, wanted, strict=True))
    assert 2 * hits / (sum(map(len, answered)) + sum(map(len, wanted))) > 0.8
    assert tags.ask("examples", examples=np.array([], object))["tags"].shape == (0,)


@pytest.mark.extended
def test_the_serving_check_blesses_a_number(shade: Trained) -> None:
    """By the whole executor; the runs of tests/e2e have it bless tables."""
    verdict = shade.check()
    wrong = [row for row in verdict["checks"] if not row["ok"]]
    assert verdict["blessed"], wrong
    assert "test_accuracy" not in verdict
    assert 0 < verdict["test_r2"] <= 1
    assert {"encodings", "hot swap", "rollback"} <= {row["name"] for row in verdict["checks"]}


ELSEWHERE = {
    *("two_missing", "never_negative", "any_capitals", "five_words", "never_together"),
    *("another_default", "first_of_two", "never_below", "never_all", "tag_of_missing"),
    # tables_written.py
    *("na_is_missing", "cut_at_5000", "infinite_is_missing", "no_value_in_an_example"),
    # tables_beyond.py
    *("beyond_the_range", "negative_nan", "autumn", "tags_of_autumn"),
    # tables_letters.py
    *("byte_order_mark", "of_no_type"),
    # tables_otherwise.py
    *("accents_left_out", "encoding_mistaken", "stemmed", "more_signs_join", "two_digits_pivot"),
    *("zone_in_the_west", "words_for_no_date", "no_example_is_empty", "photo_beside_missing"),
    *("beside_nothing", "midnight_of_24", "words_for_no_time"),
    # tables_between.py
    *("some_thousands", "clocks_forward", "letters_changed_places", "sentences", "hardly_likelier"),
    # tables_within.py
    *("long_texts", "of_two_bytes", "large_examples", "some_seconds_past"),
    # tables_paired.py
    *("twice_among_others", "in_order", "default_is_missing", "nobody_sees", "one_is_true"),
    "no_date_is_missing",
    "nan_in_an_example",
}
"""What CI takes of OTHERS; MUTANTS=all takes every one."""
COLOURS = {
    ("shade", name)
    for name in ("blue_for_red", "mostly_red", "coloured_on_black", "grey_is_red", "number_of_half")
}
"""A model of one coloured picture that is trained in any case; MUTANTS=all takes those of classes
and of tags too."""
OTHERS = {
    each.__name__
    for each in (
        *(colours, tables_between, tables_beyond, tables_elsewhere, tables_hidden),
        *(tables_letters, tables_otherwise, tables_paired, tables_within, tables_written),
    )
}
MUTANTS = {
    kind: [
        name
        for name, mutant in mutants.items()
        if mutant.maker.__module__ not in OTHERS
        or (kind, name) in COLOURS
        or name in ELSEWHERE
        or os.environ.get("MUTANTS") == "all"
    ]
    for kind, mutants in TABLES.items()
}


REAL = "the_real_one"
HELD = {
    # That of one image is blessed by the whole executor.
    kind: [*([REAL] if kind in ("classes", "tags", "number", "clock") else []), *names]
    for kind, names in MUTANTS.items()
}


def _options(trained: Trained) -> NodeOptions:
    options = NodeOptions.model_validate({**QUICK, "parity_examples": 100})
    return sized(complete(options, trained.declaration), read_reference(str(trained.model)))


@pytest.fixture(scope="module")
def serve(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Stand]]:
    """Has one server hold the models of a kind of label; the one before is stopped."""
    with contextlib.ExitStack() as running:
        served: dict[str, Stand] = {}

        def serve_kind(kind: str) -> Stand:
            if kind not in served:
                running.pop_all().close()
                served.clear()
                trained: Trained = request.getfixturevalue(kind)
                folder = tmp_path_factory.mktemp(f"stand-{kind}")
                made = {name: folder / "made" / name for name in MUTANTS[kind]}
                for name, target in made.items():
                    TABLES[kind][name].make(trained.model, target)
                candidates = {REAL: trained.model, **made}
                served[kind] = running.enter_context(
                    stand(
                        candidates,
                        folder / "served",
                        _options(trained),
                        cold={*made},
                        test_files=[str(trained.model.parent / "eval")],
                    )
                )
            return served[kind]

        yield serve_kind


@pytest.mark.extended
@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, names in HELD.items() for name in names]
)
def test_wrong_models_of_tables_are_refused_and_right_ones_pass(
    kind: str, name: str, serve: Callable[[str], Stand]
) -> None:
    if name == REAL:
        rows = serve(kind).check(REAL)
        assert {"parity", "sizes", "paths", "steady answers"} <= set(rows)
        assert ("encodings" in rows) == (kind == "number")
        assert [row for row in rows.values() if not row.ok] == []
        return
    mutant = TABLES[kind][name]
    assert mutant.row
    rows = serve(kind).check(name, mutant.row)
    assert not rows[mutant.row].ok, mutant.says
    assert "Traceback" not in rows[mutant.row].found
