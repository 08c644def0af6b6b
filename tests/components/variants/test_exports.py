from __future__ import annotations

import json
from pathlib import Path

import pytest

from components.variants import exports
from documents.provenance import Provenance
from documents.variants import Variant, Variants


def document(**keys: object) -> Variants:
    return Variants.model_validate(
        {
            "model": "own",
            "version": 7,
            "variants": (Variant(name="int8", blessed=True, file="int8.tflite"),),
            **keys,
        }
    )


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    made = tmp_path / "made"
    (made / "frozen_graph").mkdir(parents=True)
    (made / "int8.tflite").write_bytes(b"lite")
    (made / "frozen_graph" / "saved_model.pb").write_bytes(b"graph")
    return {path.name: path for path in made.iterdir()}


def test_export_is_whole(tmp_path: Path, files: dict[str, Path]) -> None:
    known = Provenance(version=7, run_id="r")
    folder = exports.publish(tmp_path / "exports", document(labels=("a", "b")), files, known)
    assert folder == tmp_path / "exports" / "own" / "7"
    assert {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    } == {
        "int8.tflite",
        "frozen_graph/saved_model.pb",
        "labels.txt",
        "infer.py",
        "provenance.json",
        "variants.json",
    }
    assert (folder / "labels.txt").read_text() == "a\nb\n"
    assert json.loads((folder / "provenance.json").read_text())["run_id"] == "r"


def test_export_of_the_same_version_is_replaced_whole(
    tmp_path: Path, files: dict[str, Path]
) -> None:
    folder = exports.publish(tmp_path / "exports", document(), files, None)
    exports.publish(tmp_path / "exports", document(), {"int8.tflite": files["int8.tflite"]}, None)
    assert {path.name for path in folder.iterdir()} == {"int8.tflite", "infer.py", "variants.json"}
    assert [path.name for path in folder.parent.iterdir()] == ["7"]


def test_what_a_killed_run_left_is_cleared_up(tmp_path: Path, files: dict[str, Path]) -> None:
    (tmp_path / "exports" / "own" / ".unfinished-6-abcd").mkdir(parents=True)
    folder = exports.publish(tmp_path / "exports", document(), files, None)
    assert [path.name for path in folder.parent.iterdir()] == ["7"]


def test_export_that_fails_leaves_what_was_there(tmp_path: Path, files: dict[str, Path]) -> None:
    folder = exports.publish(tmp_path / "exports", document(), files, None)
    with pytest.raises(FileNotFoundError):
        exports.publish(tmp_path / "exports", document(), {"float16.tflite": tmp_path / "x"}, None)
    assert (folder / "int8.tflite").read_bytes() == b"lite"
    assert [path.name for path in folder.parent.iterdir()] == ["7"]


def test_script_has_ten_lines_and_names_no_labels_where_there_are_none() -> None:
    for labels in (("a", "b"), None):
        script = exports.script(document(labels=labels))
        compile(script, "infer.py", "exec")
        lines = [line for line in script.splitlines() if not line.startswith("#")]
        assert len(lines) <= 10
        assert ("labels.txt" in script) == (labels is not None)
