"""Files of JSON with an object on each line, and those without."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from components.example_gen.formats.format import FormatError
from pipeline.init.command import main
from pipeline.init.folders.json_files import of_objects
from pipeline.preflight.preflight import check_data, gather_data
from pipeline.settings import load_settings

pytestmark = pytest.mark.usefixtures("in_a_folder")


def test_json_files_hold_a_list_or_lines(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"a": row, "b": "xy"[row % 2]} for row in range(60)]
    Path("t.json").write_text(json.dumps(rows))
    assert main(["--table", "t.json", "--label", "b"]) == 2
    assert "t.json is one list of JSON; write each object on a line" in capsys.readouterr().err
    Path("t.json").write_text("\n".join(map(json.dumps, rows)))
    assert main(["--table", "t.json", "--label", "b"]) == 0
    settings = load_settings(Path("t/settings.yaml"))
    check_data(settings, gather_data(settings))
    assert settings.data.format == "jsonl"


@pytest.mark.parametrize("lines", [None, 1])
def test_one_object_of_lists_is_told_with_the_list_of_the_label(
    capsys: pytest.CaptureFixture[str], lines: int | None
) -> None:
    rooms = {"houses": [{"id": 1}], "rooms": [{"category_id": 3}], "owners": [{"id": 3}]}
    Path("t.json").write_text(json.dumps(rooms, indent=lines))
    assert main(["--table", "t.json", "--label", "category_id"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "t.json is one object of JSON that holds lists" in said
    assert "encoding='utf-8'))['rooms']]\" > NEW.jsonl." in said


@pytest.mark.medium
def test_what_makes_lines_of_a_list_is_followed(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"town": f"Köln {row % 7}", "b": "xy"[row % 2]} for row in range(60)]
    for whole in (rows, {"rows": rows}):
        Path("t.json").write_text(json.dumps(whole, ensure_ascii=False), "utf-8")
        assert main(["--table", "t.json", "--label", "b", "--force"]) == 2
        command = re.search("python (-c .*) > NEW", capsys.readouterr().err)
        assert command
        follow = f"{sys.executable} {command[1].replace('FILE', 't.json')} > t.jsonl"
        subprocess.run(follow, shell=True, check=True, timeout=60)
        assert main(["--table", "t.jsonl", "--label", "b", "--force"]) == 0
        assert "rows           60, of 2 columns" in capsys.readouterr().out


def test_rows_that_hold_lists_of_objects_are_rows() -> None:
    rows = [{"items": [{"id": row}], "a": row, "b": "xy"[row % 2]} for row in range(60)]
    Path("t.json").write_text("\n".join(map(json.dumps, rows)))
    assert main(["--table", "t.json", "--label", "b"]) == 0


def test_a_file_of_one_row_is_one_of_rows() -> None:
    for text in ('{"a": 1}', '{"a": 1}\n', '{"a": {"b": "[]"}}'):
        Path("t.json").write_text(text)
        assert of_objects(["t.json"], "a") == ["t.json"]


def test_a_list_is_named_where_none_has_the_label() -> None:
    Path("t.json").write_text(json.dumps({"houses": [{"id": 1}], "rooms": [{"id": 3}]}))
    with pytest.raises(FormatError, match=r"\['houses'\]\]. > NEW"):
        of_objects(["t.json"], "nowhere")
