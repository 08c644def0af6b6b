"""The file that `code` names: looked at before anything runs, and told of to the right nodes."""

from __future__ import annotations

import itertools
import json
import os
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.pipeline import create_pipeline
from pipeline.places import Places
from pipeline.settings import Settings, SettingsError, load_settings
from pipeline.user_code import CodeError, read_code
from tests.there import there

_numbers = itertools.count()
SETTINGS: dict[str, Any] = {
    "name": "pets",
    "data": {"format": "csv", "files": "pets.csv"},
    "features": {"age": {"kind": "number"}},
    "label": {"name": "kind", "kind": "classes", "values": ["cat", "dog"]},
    "evaluation": {"metrics": [{"metric": "SparseCategoricalAccuracy", "overall": {"min": 0.1}}]},
}
CODE = """
from .parts import block, halved

def preprocess(features):
    return halved(features)

def network(features, outputs):
    return block(outputs)
"""
PARTS = """
def halved(features):
    return {"half": features["age"] / 2}

def block(outputs):
    return outputs
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a name that no other test has, which is forgotten afterwards."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / f"pets_{next(_numbers)}"
    folder.mkdir()
    return folder


def write(folder: Path, source: str = CODE, **settings: Any) -> Settings:
    (folder / "mine.py").write_text(textwrap.dedent(source))
    (folder / "parts.py").write_text(PARTS)
    document = {"code": f"{folder.name}/mine.py", **SETTINGS, **settings}
    (folder / "settings.yaml").write_text(yaml.safe_dump(document))
    return load_settings(folder / "settings.yaml")


def keys(settings: Settings) -> dict[str, str]:
    """By node, what TFX's cache goes by."""
    places = Places("data", "folder", None, "/base", "/artifacts")
    return {
        node.id: json.dumps(node.exec_properties, sort_keys=True, default=str)
        for node in create_pipeline(settings, places).components
    }


@pytest.mark.medium
@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        ("mine.py", "return block", "# Mine.\n    return block", []),
        ("mine.py", "block(outputs)", "block(outputs + 1)", ["Trainer"]),
        ("parts.py", "return outputs", "return outputs + 1", ["Trainer"]),
        ("mine.py", "return halved(features)", "return dict(halved(features))", ["Transform"]),
        ("parts.py", "/ 2", "/ 4", ["Transform"]),
    ],
)
def test_an_edit_is_in_the_cache_key_of_just_its_node(
    folder: Path, file: str, old: str, new: str, changed: list[str]
) -> None:
    before = keys(write(folder))
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    after = keys(load_settings(folder / "settings.yaml"))
    assert [node for node in after if after[node] != before[node]] == changed


@pytest.mark.medium
def test_examples_are_in_the_key_of_example_gen(folder: Path) -> None:
    data = {"format": "code", "files": "pets.csv"}
    code = "def examples(path):\n    yield {'age': 1, 'kind': 'cat'}\n"
    before = keys(write(folder, code, data=data))
    after = keys(write(folder, code.replace("1", "2"), data=data))
    assert [node for node in after if after[node] != before[node]] == ["ExampleGen"]


def test_nothing_is_told_without_code(folder: Path) -> None:
    settings = write(folder).model_copy(update={"code": None})
    assert "code" not in json.loads(json.loads(keys(settings)["Trainer"])["custom_config"])


def test_the_module_is_found_here_and_by_processes_that_are_started(folder: Path) -> None:
    settings = write(folder)
    assert settings.code == folder / "mine.py"
    assert sys.path[-1] == str(folder.parent)
    assert os.environ["PYTHONPATH"] == f"/somewhere{os.pathsep}{folder.parent}"
    assert there(settings.function("network")).module == f"{folder.name}.mine"


def test_the_file_may_be_named_from_beside_the_settings(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    assert write(folder).code == folder / "mine.py"
    assert write(folder, "x = 1" + CODE).code == folder / "mine.py"


REFUSED = [
    ("def networks(features, outputs): pass", {}, "defines no examples(path) or preprocess"),
    ("def network(features): pass", {}, "network is called as network(features, outputs)"),
    ("def network(a, b, *, c): pass", {}, "network is called as network(features, outputs)"),
    ("def network(:", {}, "mine.py is no Python: line 1"),
    (CODE, {"code": "none/mine.py"}, "code = none/mine.py is no file"),
    (CODE, {"hub": {"handle": "x"}}, "Setting `hub` is for the network"),
    ("def examples(path): pass", {}, "`data.format` = 'csv' leaves examples(path)"),
    (CODE, {"data": {"format": "code", "files": "x"}}, "needs examples(path)"),
]


@pytest.mark.parametrize(("source", "settings", "said"), REFUSED)
def test_mistakes_are_told_before_anything_runs(
    folder: Path, source: str, settings: dict, said: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        write(folder, source, **settings)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_format_code_needs_code(folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"`data\.format` = 'code' needs `code`"):
        write(folder, code=None, data={"format": "code", "files": "x"})


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("models/mine.py", "a folder called models, as a package is that is installed"),
        ("json/mine.py", "a folder called json, as a package is that is installed"),
        ("numpy/mine.py", "a folder called numpy, as a package is that is installed"),
        ("my-pets/mine.py", "nothing can be imported; call it by letters, digits and _"),
        ("pets/my-code.py", "is no module"),
        ("pets/mine.txt", "is no module"),
    ],
)
def test_places_from_which_nothing_could_be_imported(tmp_path: Path, path: str, said: str) -> None:
    (tmp_path / path).parent.mkdir()
    (tmp_path / path).write_text(CODE)
    with pytest.raises(CodeError, match=said):
        read_code(tmp_path / path)


def test_a_broken_sibling_is_named(folder: Path) -> None:
    (folder / "mine.py").write_text(CODE)
    (folder / "parts.py").write_text("def block(:\n")
    with pytest.raises(
        CodeError, match=r"parts\.py, which .*mine\.py imports, is no Python: line 1"
    ):
        read_code(folder / "mine.py")
