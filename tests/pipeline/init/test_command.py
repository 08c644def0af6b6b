"""`init` as a user runs it, and what it writes as a run reads it."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from pathlib import Path

import pandas
import pytest

from pipeline.init.command import main
from pipeline.preflight.preflight import check_data, gather_data
from pipeline.settings import REPOSITORY, load_settings
from tests.pipeline.init.looked_at import png, review, trips, write_images
from tests.there import there

pytestmark = pytest.mark.usefixtures("in_a_folder")


@pytest.mark.medium
def test_several_files_are_one_pattern(capsys: pytest.CaptureFixture[str]):
    text = trips()
    for name in ("trips/jan 1.csv", "trips/jan 2.csv", "trips/feb.csv"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text)
    assert main(["--table", "trips/jan 1.csv", "trips/jan 2.csv", "--label", "tip"]) == 0
    assert "rows           800, of 10 columns" in capsys.readouterr().out
    # Not among the data, of which they would become a part.
    settings = load_settings(Path("trips_model/settings.yaml"))
    assert there(settings.data.files).endswith("/trips/jan *.csv")
    check_data(settings, gather_data(settings))
    assert main(["--table", "trips/jan 1.csv", "trips/feb.csv", "--label", "tip", "--force"]) == 2
    assert "No pattern fits jan 1.csv, feb.csv and nothing else" in capsys.readouterr().err
    assert main(["--table", "trips", "--label", "tip", "--name", "all"]) == 0
    assert "rows           1,200" in capsys.readouterr().out
    Path("trips/may.csv").write_text("tip;fare\nyes;1\n")
    assert main(["--table", "trips/*.csv", "--label", "tip", "--force"]) == 2
    assert "may.csv has no column 'id'; it has tip, fare" in capsys.readouterr().err
    Path("trips/may.csv").rename("trips/apr.csv")
    assert main(["--table", "trips/*.csv", "--label", "tip", "--force"]) == 0
    assert "new            id, zip, day, company" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_numbers_as_classes_are_the_same_in_every_format(form: str):
    rows = [{"a": row * 7 % 11, "b": row % 5 + 3} for row in range(100)]
    table = pandas.DataFrame(rows)
    if form == "csv":
        table.to_csv("t.csv", index=False)
    elif form == "jsonl":
        table.to_json("t.jsonl", orient="records", lines=True)
    else:
        table.to_parquet("t.parquet")
    assert main(["--table", f"t.{form}", "--label", "b", "--name", "n"]) == 0
    label = load_settings(Path("n/settings.yaml")).label
    assert label.names == (*"34567",)
    assert [label.value(number) for number in (3, 4, 5, 6, 7)] == [0, 1, 2, 3, 4]
    assert [label.value(number) for number in ("3", 4.0, "5.0")] == [0, 1, 2]


def test_the_latest_span_is_looked_at(capsys: pytest.CaptureFixture[str]):
    for span, rows in ((1, 40), (12, 50)):
        Path(f"span-{span}.csv").write_text(trips(rows))
    pattern = "span-{SPAN}.csv"
    assert main(["--table", pattern, "--label", "tip", "--name", "spans"]) == 0
    assert "rows           50, of 10 columns" in capsys.readouterr().out
    assert load_settings(Path("spans/settings.yaml")).data.has_spans
    assert main(["--table", "day-{SPAN}.csv", "--label", "tip"]) == 2
    assert "No span in" in capsys.readouterr().err


@pytest.mark.medium
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_manifest(capsys: pytest.CaptureFixture[str], form: str):
    made = random.Random(0)
    Path("houses/photos [1]").mkdir(parents=True)
    rows = []
    for number in range(60):
        name = f"photos [1]/{number}.png"
        (Path("houses") / name).write_bytes(png(number, "RGB"))
        town = made.choice(["Köln", "Bonn"])
        rows.append(
            {"photo": name, "area": made.uniform(50, 99), "town": town, "price": made.gauss(9, 1)}
        )
    (Path("houses") / "photos [1]/0.png").write_bytes(b"<html>")
    rows[1]["photo"] = "../outside.png"
    Path("outside.png").write_bytes(png(1))
    file = Path(f"houses/all.{form}")
    if form == "csv":
        with file.open("w", newline="") as table:
            writer = csv.DictWriter(table, [*rows[0]])
            writer.writeheader()
            writer.writerows(rows)
    else:
        file.write_text("\n".join(map(json.dumps, rows)))
    assert main(["--manifest", str(file), "--label", "price", "--name", "h"]) == 0
    said = capsys.readouterr().out
    assert "of column      photo\n  images         58, coloured, read as 7 x 9" in said
    assert "unreadable     2, such as" in said
    settings = load_settings(Path("h/settings.yaml"))
    assert settings.data.format == "manifest"
    photo = settings.features["photo"]
    assert photo.kind == "image"
    assert photo.shape == (7, 9, 3)
    kinds = {name: feature.kind for name, feature in settings.features.items()}
    assert kinds == {"photo": "image", "area": "number", "town": "category"}
    assert settings.label.kind == "number"
    assert not settings.training.augment
    assert settings.data.quarantine > 2 / 60
    check_data(settings, gather_data(settings))
    findings = review("h")
    assert findings["photo"] == "image: paths of 58 images"
    assert findings["../outside.png"] == "is no path below the folder of the table"
    # The same file as a table has images too.
    assert main(["--table", str(file), "--label", "price", "--name", "t"]) == 0
    assert load_settings(Path("t/settings.yaml")).features["photo"].kind == "image"


def test_a_table_without_photos_is_no_manifest(capsys: pytest.CaptureFixture[str]):
    rows = "".join(f"gone {row}.png,{row % 2}\n" for row in range(40))
    Path("t.csv").write_text(f"photo,b\n{rows}")
    assert main(["--manifest", "t.csv", "--label", "b"]) == 2
    assert "t.csv has no column of paths of images that lie below" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (
            "{here}/m/p/0.png",
            "which leads out of the folder of the table: write paths as seen from",
        ),
        ("../m/p/0.png", "there, here p/0.png, or take it with --table."),
        ("/p/0.png", "there, and put the files there, or take it with --table."),
        ("p\\0.png", "which is written with \\ between folders: write /"),
        ("https://example.org/0.png", "an address: download the files and write their paths"),
        ("0.png", "'0.png', whose file is p/0.png: write paths so, with folder and ending"),
        ("9z.png", "'9z.png', and {here}/m/9z.png is not there"),
    ],
)
def test_paths_of_a_manifest_that_lead_nowhere_are_told(
    capsys: pytest.CaptureFixture[str], cell: str, why: str
) -> None:
    write_images("m/p")
    here = Path().absolute()
    Path("m/t.csv").write_text(
        "photo,b\n" + "".join(f"{cell.format(here=here)},{n % 2}\n" for n in range(40))
    )
    assert main(["--manifest", "m/t.csv", "--label", "b"]) == 2
    said = capsys.readouterr().err
    assert why.format(here=here) in said
    assert said.count("\n") == 1


def test_a_column_of_a_table_that_seems_to_name_images_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = "".join(f"{n}.jpg,{n * 7 % 50},{n % 2}\n" for n in range(40))
    Path("t.csv").write_text(f"photo,a,b\n{rows}")
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    assert "no images?     photo holds '0.jpg', and " in capsys.readouterr().out
    assert load_settings(Path("t/settings.yaml")).features["photo"].kind == "ignore"


def test_rows_that_name_no_image_are_told_by_their_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_images("m/p", count=40)
    rows = "".join(f"{f'p/{n}.png' if n else ''},{n % 2}\n" for n in range(40))
    Path("m/t.csv").write_text(f"photo,b\n{rows}")
    assert main(["--manifest", "m/t.csv", "--label", "b", "--name", "t"]) == 0
    assert "unreadable     1, such as line 2: names no image" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["a b", "7", "x/..", "/", "é", "a" * 101, "a/b\n"])
def test_a_name_that_no_pipeline_can_have_is_refused_before_anything_is_written(
    name: str, capsys: pytest.CaptureFixture[str]
):
    Path("t.csv").write_text(trips())
    assert main(["--table", "t.csv", "--label", "tip", "--name", name]) == 2
    assert "cannot be the name of a pipeline: use at most 100 letters" in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == ["t.csv"]


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


@pytest.mark.medium
def test_it_is_a_command_of_the_runner():
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "local_runner.py"), "init", "--table", "t.csv"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "--table and --label go together" in done.stderr


@pytest.mark.parametrize("odd", ["a folder", "a link to nothing", "a link to itself"])
def test_what_lies_in_the_place_of_the_settings_is_told(tmp_path, capsys, odd):
    table, place = tmp_path / "t.csv", tmp_path / "mine"
    table.write_text("a,b\n" + "".join(f"{number},{number % 2}\n" for number in range(40)))
    place.mkdir()
    settings = place / "settings.yaml"
    if odd == "a folder":
        settings.mkdir()
    else:
        settings.symlink_to(place / ("none" if odd == "a link to nothing" else "settings.yaml"))
    given = ["--table", str(table), "--label", "b", "--name", str(place)]
    assert main(given) == 2
    assert f"{settings} is there already" in capsys.readouterr().err
    code = main([*given, "--force"])
    said = capsys.readouterr().err
    if odd == "a folder":
        assert (code, said) == (
            2,
            f"init: {settings} cannot be used: Is a directory; mend that, or choose another.\n",
        )
    else:
        assert code == 0
        assert settings.is_file()
        assert not settings.is_symlink()
        assert not (place / "none").exists()
