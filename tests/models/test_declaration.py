from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pydantic
import pytest

from models.declaration import Declaration

REPOSITORY = Path(__file__).resolve().parents[2]
LABEL = {"name": "tip", "kind": "classes", "values": ["no", "yes"]}


@pytest.mark.medium
def test_needs_no_tensorflow() -> None:
    code = "import sys, models.declaration; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY).returncode == 0


def test_reads_every_kind_and_writes_it_again() -> None:
    text = """{
      "features": {
        "fare": {"kind": "number", "min": 0.0},
        "company": {"kind": "category", "vocabulary": 50},
        "start": {"kind": "date", "format": "unix"},
        "photo": {"kind": "image", "size": [64, 48], "channels": 3},
        "remarks": {"kind": "text", "ngrams": 1},
        "tips": {"kind": "ignore"}
      },
      "label": {"name": "big_tipper", "kind": "classes", "values": ["0", "1"]}
    }"""
    declared = Declaration.model_validate_json(text)
    assert Declaration.model_validate_json(declared.model_dump_json()) == declared
    assert list(declared.used) == ["fare", "company", "start", "photo", "remarks"]


@pytest.mark.parametrize(
    ("features", "why"),
    [
        ({"tip": {"kind": "number"}}, "'tip' is the label"),
        ({"a": {"kind": "ignore"}}, "all features are ignored"),
        ({}, "at least 1"),
        ({"a\x1b": {"kind": "number"}}, "names no column"),
        ({"": {"kind": "number"}}, "names no column"),
        ({"words_": {"kind": "number"}}, "is a name of the transform graph; rename the column"),
        ({"examples": {"kind": "number"}}, "is the input of a signature; rename the column"),
        ({"self": {"kind": "number"}}, "rename the column, or make it {kind: ignore}"),
        ({"a": {"kind": "numeric"}}, "kind"),
    ],
)
def test_columns_have_to_make_sense(features: dict, why: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=why):
        Declaration.model_validate({"features": features, "label": LABEL})


@pytest.mark.parametrize("name", ["self", "examples", "words_", "", "a\x1b", "z" * 300])
def test_what_is_ignored_may_be_called_anything(name: str) -> None:
    features = {"a": {"kind": "number"}, name: {"kind": "ignore"}}
    assert list(Declaration.model_validate({"features": features, "label": LABEL}).used) == ["a"]
    with pytest.raises(pydantic.ValidationError, match=r"rename|name\n  String"):
        Declaration.model_validate({"features": features, "label": {**LABEL, "name": name}})


def test_a_label_that_features_tell_already_is_refused() -> None:
    label = {**LABEL, "formula": "tips > 0.2 * fare"}
    known = {"fare": {"kind": "number"}, "tips": {"kind": "ignore"}}
    Declaration.model_validate({"features": known, "label": label})
    known["tips"] = {"kind": "number"}
    with pytest.raises(pydantic.ValidationError, match=r"features alone \('tips', 'fare'\), so a"):
        Declaration.model_validate({"features": known, "label": label})


def test_only_who_learns_is_told_of_the_module_of_an_image() -> None:
    def declared(**module: object) -> Declaration:
        image = {"kind": "image", "size": [64, 48], **module}
        return Declaration.model_validate({"features": {"photo": image}, "label": LABEL})

    none, one = declared(), declared(module="https://example.org/encoder/1")
    assert one.modules["photo"].handle == "https://example.org/encoder/1"
    assert none.modules == {}
    assert one.of_examples == none.of_examples
    assert one.of_preprocessing == none.of_preprocessing
    assert one.model_dump_json() != none.model_dump_json()
