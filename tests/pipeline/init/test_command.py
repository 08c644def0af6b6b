"""`init` as a user runs it, and what it writes as a run reads it."""

from __future__ import annotations

import csv
import io
import random
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from pipeline.init.command import main
from pipeline.preflight import check_data, gather_data
from pipeline.settings import REPOSITORY, load_settings


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def review(name: str) -> dict[str, str]:
    with open(f"{name}/review.csv", encoding="utf-8", newline="") as file:
        return {row["which"]: row["finding"] for row in csv.DictReader(file)}


def trips(rows: int = 400) -> str:
    made = random.Random(0)
    lines = ["id;zip;day;fare;company;remarks;leak;same;empty;tip"]
    for row in range(rows):
        tip = made.choice(["no", "yes"])
        fare = f"{made.uniform(1, 99):.2f}" if row % 10 else "NA"
        words = " ".join(made.choice(["good", "driver", "late", "clean", "café"]) for _ in range(8))
        lines.append(
            f"trip {row};0050{row % 5};2026-01-{row % 28 + 1:02d};{fare};c{row % 7};{words};"
            f"{len(tip)};x;;{tip}"
        )
    return "\n".join(lines) + "\n"


def test_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    text = trips()
    Path("my trips.csv").write_text(text + text.splitlines()[5] + "\nshort\n", "cp1252")
    assert main(["--table", "my trips.csv", "--label", "tip"]) == 0
    said = capsys.readouterr().out
    assert "rows           401, of 10 columns" in said
    assert "format         csv, delimiter ';', encoding 'cp1252'" in said
    assert "leak?          leak alone predicts the label (strength 1.000), so it is ignored" in said
    assert "unreadable     1 rows, such as line 403: has 1 cell instead of 10" in said
    assert "copies         1 rows, of which 0 with another label" in said
    assert "python local_runner.py --config my_trips/settings.yaml" in said
    settings = load_settings(Path("my_trips/settings.yaml"))
    assert {name: feature.kind for name, feature in settings.features.items()} == {
        **{"id": "ignore", "zip": "category", "day": "date", "fare": "number"},
        **{"company": "category", "remarks": "text", "leak": "ignore"},
        **{"same": "ignore", "empty": "ignore"},
    }
    assert settings.label.names == ("no", "yes")
    check_data(settings, gather_data(settings))
    findings = review("my_trips")
    assert findings["fare"] == "number: every cell is a number; missing in 40 of 401 rows"
    assert findings["id"].startswith("ignore: different in almost every row")
    assert "alone predicts the label" in findings["leak"]
    assert findings["403"] == "has 1 cell instead of 10"


def test_a_number_is_estimated_and_has_to_beat_the_mean():
    made = random.Random(0)
    lines = [f"{made.random()},{made.gauss(0, 2)}" for _ in range(500)]
    Path("t.csv").write_text("\n".join(["x,price", *lines]))
    assert main(["--table", "t.csv", "--label", "price", "--name", "prices"]) == 0
    settings = load_settings(Path("prices/settings.yaml"))
    assert settings.label.kind == "number"
    [metric] = settings.evaluation.metrics
    assert metric.metric == "MeanSquaredError"
    assert metric.overall.max == pytest.approx(4, rel=0.2)


def png(shade: int, mode: str = "L") -> bytes:
    content = io.BytesIO()
    Image.new(mode, (9, 7), shade).save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize(("mode", "channels"), [("L", 1), ("RGB", 3)])
def test_a_folder_of_images(capsys: pytest.CaptureFixture[str], mode: str, channels: int):
    folder = Path("photos [1]")
    for shade in range(40):
        path = folder / ("no", "yes")[shade % 2] / f"{shade}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(shade, mode))
    (folder / "no" / "copy.png").write_bytes(png(1, mode))
    (folder / "no" / "page.jpg").write_text("<html>")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "x.png").write_bytes(png(2, mode))
    assert main(["--images", "photos [1]", "--name", "photos"]) == 0
    said = capsys.readouterr().out
    assert "images         41" in said
    assert "classes        2: no 21, yes 20" in said
    assert "unreadable     1, such as" in said
    assert "copies         1, of which 1 in the folder of another class" in said
    settings = load_settings(Path("photos/settings.yaml"))
    assert settings.label.names == ("no", "yes")  # not the truths that YAML makes of bare words
    assert settings.features["image"].size == (7, 9)
    assert settings.features["image"].channels == channels
    assert settings.data.quarantine > 1 / 42
    check_data(settings, gather_data(settings))
    assert any("in the folder of another class" in finding for finding in review("photos").values())


def test_folders_of_splits_are_kept_apart():
    for part in ("train", "test"):
        for shade in range(4):
            path = Path("all") / part / ("a", "b")[shade % 2] / f"{shade}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png(shade))
    assert main(["--images", "all"]) == 0
    settings = load_settings(Path("all/settings.yaml"))
    assert settings.data.split.column == "folder"
    assert settings.label.names == ("a", "b")


def test_nothing_is_overwritten_without_being_told_to(capsys: pytest.CaptureFixture[str]):
    Path("t.csv").write_text(trips())
    Path("t").mkdir()
    Path("t/settings.yaml").write_text("mine")
    assert main(["--table", "t.csv", "--label", "tip"]) == 2
    assert "t/settings.yaml is there already: choose another --name" in capsys.readouterr().err
    assert Path("t/settings.yaml").read_text() == "mine"
    assert not Path("t/review.csv").exists()
    assert main(["--table", "t.csv", "--label", "tip", "--force"]) == 0
    assert load_settings(Path("t/settings.yaml")).name == "t"


@pytest.mark.parametrize(
    ("content", "label", "why"),
    [
        ("a,b\n1,2\n3,4\n", "c", "t.csv has no column 'c'; it has a, b"),
        ("a,b\n1,2\n3,2\n", "b", "Label b has fewer than two values"),
        ("a,b\n", "b", "t.csv holds no rows"),
        ("", "b", "t.csv is empty"),
        ("a,b\n" + "".join(f"1,w{n}\n" for n in range(200)), "b", "Label b is neither a number"),
    ],
)
def test_tables_that_make_no_settings(
    capsys: pytest.CaptureFixture[str], content: str, label: str, why: str
):
    Path("t.csv").write_text(content)
    assert main(["--table", "t.csv", "--label", label]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert said.count("\n") == 1
    assert not Path("t").exists()


def test_folders_that_make_no_settings(capsys: pytest.CaptureFixture[str]):
    assert main(["--images", "nowhere"]) == 2
    assert "nowhere is no folder" in capsys.readouterr().err
    Path("one/a").mkdir(parents=True)
    assert main(["--images", "one"]) == 2
    assert "holds no PNG or JPEG file" in capsys.readouterr().err
    Path("one/a/x.png").write_bytes(png(1))
    assert main(["--images", "one"]) == 2
    assert "holds one class only" in capsys.readouterr().err


def test_it_is_a_command_of_the_runner():
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "local_runner.py"), "init", "--table", "t.csv"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "--table and --label go together" in done.stderr
