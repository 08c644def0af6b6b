"""`init` as a user runs it, and what it writes as a run reads it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
import random
import struct
import subprocess
import sys
from pathlib import Path

import pyarrow
import pytest
from PIL import Image
from pyarrow import parquet

from models.features.number.kind import Number
from pipeline.init.command import main
from pipeline.preflight import check_data, gather_data
from pipeline.settings import REPOSITORY, Settings, load_settings
from tests.there import there


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
    assert "unreadable     1 row, such as line 403: has 1 cell instead of 10" in said
    assert "copies         1 row, of which 0 with another label" in said
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


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("zip", [f"{10_000 + row % 50}" for row in range(300)], "category"),
        ("zip", [f"{row % 50:05d}" for row in range(300)], "category"),
        ("pickupZipCode", [f"{10_000 + row}.0" for row in range(300)], "ignore"),
        ("tract", [f"{17031080000 + row % 9}" for row in range(300)], "category"),
        ("weight", [f"{17031080000 + row % 9}" for row in range(300)], "category"),
        ("number", [f"{10**19 + row}" for row in range(300)], "ignore"),
        ("community_area", [f"{row % 20}" for row in range(300)], "category"),
        ("area", [f"{50 + row}" for row in range(300)], "number"),
        ("area", [f"{row % 20}.5" for row in range(300)], "number"),
        ("hour", [f"{row % 24}" for row in range(300)], "category"),
        ("rooms", [f"{row % 9}" for row in range(300)], "number"),
        ("idle", [f"{row % 9}" for row in range(300)], "number"),
        ("user_id", [f"{row}" for row in range(300)], "ignore"),
        ("started_at", [f"{1_700_000_000 + row}" for row in range(300)], "date"),
        ("created_ms", [f"{1_700_000_000_000 + row}" for row in range(300)], "date"),
        ("price", [f"{row}.25" for row in range(300)], "number"),
    ],
)
def test_codes_are_no_numbers(
    capsys: pytest.CaptureFixture[str], name: str, cells: list[str], kind: str
):
    made = random.Random(0)
    rows = [f"{cell},{made.random()},{made.choice('ab')}" for cell in cells]
    Path("t.csv").write_text("\n".join([f"{name},x,label", *rows]))
    assert main(["--table", "t.csv", "--label", "label"]) == 0
    found = load_settings(Path("t/settings.yaml")).features[name]
    assert found.kind == kind
    if found.kind == "date":
        assert found.format == ("unix_ms" if name == "created_ms" else "unix")
    is_code = "make it number if more is more" in review("t")[name]
    assert f"codes?         {name}: whole numbers" in capsys.readouterr().out or not is_code


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


def test_the_latest_span_is_looked_at(capsys: pytest.CaptureFixture[str]):
    for span, rows in ((1, 40), (12, 50)):
        Path(f"span-{span}.csv").write_text(trips(rows))
    pattern = "span-{SPAN}.csv"
    assert main(["--table", pattern, "--label", "tip", "--name", "spans"]) == 0
    assert "rows           50, of 10 columns" in capsys.readouterr().out
    assert load_settings(Path("spans/settings.yaml")).data.has_spans
    assert main(["--table", "day-{SPAN}.csv", "--label", "tip"]) == 2
    assert "No span in" in capsys.readouterr().err


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


def test_files_of_other_formats_bombs_and_empty_classes(capsys: pytest.CaptureFixture[str]):
    for number in range(30):
        path = Path("pets") / ("cat", "dog")[number % 2] / f"{number}.webp"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (9, 7), (number, 0, 0)).save(path, "WEBP", lossless=True)
    Path("pets/bird").mkdir()
    Path("pets/fish").mkdir()
    for number in range(2):
        Path(f"pets/fish/{number}.png").write_bytes(png(200 + number))
    bomb = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    wrong = {"bomb.png": bomb.getvalue(), "empty.jpg": b"", "page.jpg": b"<html>"}
    for name, content in wrong.items():
        (Path("pets/cat") / name).write_bytes(content)
    Path("pets/cat/link.png").symlink_to("/etc/hostname")
    assert main(["--images", "pets", "--name", "pets"]) == 2
    assert "--name pets is the folder of the data" in capsys.readouterr().err
    assert main(["--images", "pets", "--name", "p"]) == 0
    said = capsys.readouterr().out
    assert "images         32, coloured, read as 7 x 9" in said
    assert "rare           1 of them with fewer than 10 examples: fish" in said
    assert "empty          bird: no image, so no class" in said
    assert "unreadable     4, such as" in said
    findings = {key.rpartition("/")[2]: value for key, value in review("p").items()}
    assert findings["bomb.png"] == "has more than 64,000,000 pixels; scale it down"
    assert findings["empty.jpg"] == "is empty"
    assert findings["page.jpg"] == "is an HTML page; save it as PNG or JPEG"
    assert findings["link.png"] == "is a link that leaves the folder; put the file itself there"
    assert findings["bird"] == "no image: it is left out"
    assert load_settings(Path("p/settings.yaml")).label.names == ("cat", "dog", "fish")


def test_classes_of_which_one_is_rare_are_told(capsys: pytest.CaptureFixture[str]):
    lines = [f"{number},{'yes' if number % 20 else 'no'}" for number in range(400)]
    Path("t.csv").write_text("\n".join(["x,tip", *lines]))
    assert main(["--table", "t.csv", "--label", "tip"]) == 0
    said = capsys.readouterr().out
    assert "imbalance      19 yes to one no; always saying yes is right in 95.0%" in said
    assert "training.class_weights: balanced" in said


def test_a_number_is_estimated_and_has_to_beat_the_mean():
    made = random.Random(0)
    lines = [f"{made.random()},{made.gauss(0, 2)}" for _ in range(500)]
    Path("t.csv").write_text("\n".join(["x,price", *lines]))
    assert main(["--table", "t.csv", "--label", "price", "--name", "prices"]) == 0
    settings = load_settings(Path("prices/settings.yaml"))
    assert settings.label.kind == "number"
    assert settings.evaluation.beat_constant
    assert [metric.metric for metric in settings.evaluation.metrics] == [
        *("R2Score", "RootMeanSquaredError", "MeanAbsoluteError")
    ]


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
    assert "images         41, " in said
    assert "classes        2: no 21, yes 20" in said
    assert "unreadable     1, such as" in said
    assert "copies         1, of which 1 of another class" in said
    settings = load_settings(Path("photos/settings.yaml"))
    assert settings.label.names == ("no", "yes")  # not the truths that YAML makes of bare words
    image = settings.features["image"]
    assert image.kind == "image"
    assert (image.size, image.channels) == ((7, 9), channels)
    assert settings.data.quarantine > 1 / 42
    check_data(settings, gather_data(settings))
    assert any("of another class" in finding for finding in review("photos").values())


@pytest.mark.parametrize(
    ("numbers", "label"),
    [
        ([0, 1, 2], {"values": ["0", "1", "2"], "first": None}),
        ([1, 2, 3], {"values": ["1", "2", "3"], "first": 1}),
        ([10, 36], {"values": {"10": "10", "36": "36"}, "first": None}),
    ],
)
def test_a_folder_of_idx_files(
    capsys: pytest.CaptureFixture[str], numbers: list[int], label: dict[str, object]
):
    for part in ("train", "test"):
        pixels = bytes(range(60 * 6 % 256)) * 4
        images = struct.pack(">4B3I", 0, 0, 8, 3, 60, 3, 2) + pixels[: 60 * 6]
        held = bytes(numbers[n % len(numbers)] for n in range(60))
        Path("letters").mkdir(exist_ok=True)
        Path(f"letters/emnist-{part}-images-idx3-ubyte").write_bytes(images)
        Path(f"letters/emnist-{part}-labels-idx1-ubyte").write_bytes(
            struct.pack(">4BI", 0, 0, 8, 1, 60) + held
        )
    assert main(["--images", "letters", "--name", "mine"]) == 0
    said = capsys.readouterr().out
    assert "images         120, grey, read as 3 x 2" in said
    settings = load_settings(Path("mine/settings.yaml"))
    assert settings.label.model_dump(include={"values", "first"}) == label
    assert settings.data.split.column == "file"
    check_data(settings, gather_data(settings))


def test_folders_of_splits_are_kept_apart():
    for part in ("train", "test"):
        for shade in range(4):
            path = Path("all") / part / ("a", "b")[shade % 2] / f"{shade}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png(shade))
    assert main(["--images", "all"]) == 0
    settings = load_settings(Path("all_model/settings.yaml"))
    assert settings.data.split.column == "folder"
    assert settings.label.names == ("a", "b")


def write_images(*folders: str, count: int = 4) -> None:
    for place, folder in enumerate(folders):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            Path(folder, f"{number}.png").write_bytes(png((place * count + number) % 256))


def test_a_folder_for_the_evaluation_is_used_and_one_of_few_images_is_filled_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_images("all/train/a", "all/train/b", "all/Validation/a", "all/test/b", count=30)
    assert main(["--images", "all", "--name", "p"]) == 0
    said = capsys.readouterr().out
    assert "splits         train 60, eval 30, test 30, as in the folders\n" in said
    assert "not in eval    b: no image there" in said
    assert "not in test    a: no image there" in said
    settings = load_settings(Path("p/settings.yaml"))
    assert not settings.data.split.eval_from_train
    check_data(settings, gather_data(settings))
    Path("all/Validation/a/0.png").unlink()
    assert main(["--images", "all", "--name", "p", "--force"]) == 0
    assert "as in the folders; some of train are added to eval" in capsys.readouterr().out
    assert load_settings(Path("p/settings.yaml")).data.split.eval_from_train


@pytest.mark.parametrize(
    ("folders", "why"),
    [
        (["x"], "; make a folder for each class, or write paths and labels into a CSV file"),
        (["x/archive/a", "x/archive/b"], "; name {here}/x/archive instead."),
        (["x/one/two/a", "x/one/two/b"], "; name {here}/x/one/two instead."),
        (["x/all/train/a", "x/all/test/a"], "; name {here}/x/all instead."),
        (["x/a/p", "x/a/q", "x/b/r"], "such as {here}/x/a."),
    ],
)
def test_images_at_another_depth_are_told_with_what_to_do(
    capsys: pytest.CaptureFixture[str], folders: list[str], why: str
) -> None:
    write_images(*folders)
    assert main(["--images", "x"]) == 2
    said = capsys.readouterr().err
    assert why.format(here=Path().absolute()) in said
    assert said.count("\n") == 1


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
        ("0.png", "'0.png', and {here}/m/0.png is not there"),
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


def test_images_in_cells_of_parquet_are_images(capsys: pytest.CaptureFixture[str]) -> None:
    """As those who share data sets write them: the content and the name of each file."""
    contents = [png(n, "RGB") for n in range(60)]
    contents[7] = b"<html>"
    rows = {
        "image": [{"bytes": content, "path": f"{n}.png"} for n, content in enumerate(contents)],
        "size": [n * 7 % 50 for n in range(60)],
        "label": [n % 2 for n in range(60)],
    }
    rows["image"][9]["bytes"] = None  # type: ignore[index]
    parquet.write_table(pyarrow.table(rows), "t.parquet")
    assert main(["--table", "t.parquet", "--label", "label"]) == 0
    said = capsys.readouterr().out
    assert "no images?" not in said
    assert "of column      image.bytes\n  images         58, coloured, read as 7 x 9" in said
    assert "unreadable     2, such as line 8: is an HTML page; save it as PNG or JPEG" in said
    settings = load_settings(Path("t/settings.yaml"))
    kinds = {name: feature.kind for name, feature in settings.features.items()}
    assert kinds == {"image.bytes": "image", "image.path": "ignore", "size": "number"}
    assert not settings.training.augment
    assert settings.data.quarantine == pytest.approx(2 / 60 * 1.2)
    assert review("t")["image.bytes"] == "image: 58 images; missing in 1 of 60 rows"
    check_data(settings, gather_data(settings))


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


def test_the_folder_may_stand_in_another_one():
    Path("t.csv").write_text(trips())
    folder = Path("of mine").absolute() / "trips-1"
    assert main(["--table", "t.csv", "--label", "tip", "--name", str(folder)]) == 0
    assert load_settings(folder / "settings.yaml").name == "trips-1"


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


@pytest.mark.parametrize(
    ("content", "label", "why"),
    [
        ("a,b\n1,2\n3,4\n", "c", "t.csv has no column 'c'; it has a, b"),
        ("a,b\n1,2\n3,2\n", "b", "Label b has fewer than two values"),
        ("a,b\n", "b", "t.csv holds no rows"),
        ("", "b", "t.csv is empty"),
        ("a,b,a\n1,2,3\n", "b", "t.csv has the column 'a' twice (columns 1 and 3)"),
        ("a,b\n" + "".join(f"1,w{n}\n" for n in range(200)), "b", "Label b is neither a number"),
        (
            "a,b\n" + "".join(f"1,{n}\n" for n in [*range(200), *"stuvwxyza"]),
            "b",
            "that comes again and again (8 of 209 cells are no numbers, such as 's'); choose",
        ),
        (
            "a,b\n" + "".join(f"{n},{n % 24}:{n % 60:02d}\n" for n in range(300)),
            "b",
            "; it holds times: write them as numbers, such as minutes of the day.",
        ),
        (
            "a,b\n" + "".join(f"{n},20{10 + n % 70}-01-{n % 28 + 1:02d}\n" for n in range(300)),
            "b",
            "; it holds dates, of which label.formula makes a number, such as due - start.",
        ),
        (
            "a,b\n" + "".join(f"{n},{n + 0.5}{'k' * (n % 2)}\n" for n in range(100)),
            "b",
            "Label b holds numbers, some in k and some not, such as '0.5': write all alike.",
        ),
        (
            '"a" "b"\n"1" 2 3\n',
            "b",
            "the names of its columns: its cells seem to be told apart by bl",
        ),
        ("a,B\n1,2\n3,4\n", "b", "t.csv has no column 'b'; if it is 'B' now, rename it"),
        ("b\nyes\nno\n", "b", "has no column with a name but the label b"),
        (
            "a,b\n“1, 2”,x\n“3, 4”,y\n",
            "b",
            "t.csv holds no rows (2 cannot be read, such as line 2: has 3 cells instead of 2).",
        ),
        (
            "a,b\n1,x\n2,y,z\n",
            "b",
            "nothing to tell apart (1 cannot be read, such as line 3: has 3 cells instead of 2).",
        ),
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


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (gzip.compress(b"a,b\n1,x\n2,y\n"), "t.csv is compressed; unpack it"),
        (lzma.compress(b"a,b\n1,x\n2,y\n"), "t.csv is compressed; unpack it"),
        (b"PK\3\4" + bytes(100), "t.csv is a ZIP archive or a spreadsheet; unpack it, or save"),
        (b"PAR1" + bytes(100), "t.csv is a Parquet file; call it .parquet"),
        (b"a,b\n\0,x\n\0,y\n", "t.csv holds no rows (2 cannot be read, such as line 2: holds"),
    ],
    ids=["gzip", "xz", "zip", "parquet", "zero bytes"],
)
def test_files_that_are_no_text(
    capsys: pytest.CaptureFixture[str], content: bytes, why: str
) -> None:
    Path("t.csv").write_bytes(content)
    assert main(["--table", "t.csv", "--label", "b"]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert said.count("\n") == 1


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


def test_keys_that_come_late_are_columns_and_seldom_ones_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows: list[dict[str, object]] = [{"a": row % 9, "b": "xy"[row % 2]} for row in range(3_000)]
    for row in range(500, 900):
        rows[row]["c"] = f"c{row % 3}"
    rows[700]["once"] = 1
    Path("t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert main(["--table", "t.jsonl", "--label", "b"]) == 0
    assert "seldom         once: in hardly a row, so left out" in capsys.readouterr().out
    settings = load_settings(Path("t/settings.yaml"))
    kinds = {name: feature.kind for name, feature in settings.features.items()}
    assert kinds == {"a": "number", "c": "category"}
    check_data(settings, gather_data(settings))


def test_columns_without_a_name_that_a_feature_may_have_are_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """pandas writes its index so, and tools that end each line with a comma a last column."""
    rows = [f"{row},{row % 7},{'xy'[row % 2]},,," for row in range(200)]
    Path("t.csv").write_text("\n".join([",a,b,examples,," + "z" * 201, *rows]))
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    said = capsys.readouterr().out
    assert "no name        column 1, column 4 examples, column 5, column 6 zzz" in said
    assert ": left out; give names that a feature may have" in said
    settings = load_settings(Path("t/settings.yaml"))
    assert [*settings.features] == ["a"]
    check_data(settings, gather_data(settings))


def test_classes_that_are_likely_to_be_one_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    classes = ("yes", "Yes", "no", "1", "1.0")
    Path("t.csv").write_text("a,b\n" + "".join(f"{n},{classes[n % 5]}\n" for n in range(100)))
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    assert "alike?         yes and Yes, 1 and 1.0: write classes alike" in capsys.readouterr().out


def test_what_is_left_out_of_columns_is_told_and_let_pass(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [f"{n % 50},c{n % 5},{'xy'[n % 2]}" for n in range(196)]
    rows += ["1e400,c1,x", "1,c\x1b,x", "1,c1,x", "2,c2,y"]
    Path("t.csv").write_text("\n".join(["a,c,b", *rows]))
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    said = capsys.readouterr().out
    assert "too large      a: 1 of 200 cells are more than float32 holds" in said
    assert "unreadable     c: 1 of 200 cells hold control characters" in said
    assert load_settings(Path("t/settings.yaml")).data.quarantine == pytest.approx(0.012)


def test_what_reads_as_a_number_in_settings_may_be_the_name_of_a_class_or_column() -> None:
    rows = "".join(f"{n % 7},{n % 5},{('1e5', '01', 'on')[n % 3]}\n" for n in range(90))
    Path("t.csv").write_text(f"1e3,null,b\n{rows}")
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    settings = load_settings(Path("t/settings.yaml"))
    assert settings.label.names == ("01", "1e5", "on")
    assert [*settings.features] == ["1e3", "null"]


def test_a_table_as_excel_exports_it(capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(
        f"{n % 9 + 1}.234,5{n % 7} €;{n % 50},5 %;{('ja', 'nein')[n % 2]};;\r\n" for n in range(99)
    )
    text = f"sep=;\r\n;;;;\r\nUmsatz (netto);Rabatt in %;Gekauft?;;\r\n{rows};;;;\r\n"
    Path("t.csv").write_bytes(text.encode("cp1252"))
    assert main(["--table", "t.csv", "--label", "Gekauft?"]) == 0
    said = capsys.readouterr().out
    assert "rows           99, of 3 columns" in said
    assert "unreadable" not in said
    settings = load_settings(Path("t/settings.yaml"))
    assert settings.data.csv.model_dump(exclude_defaults=True) == {
        "delimiter": ";",
        "encoding": "cp1252",
    }
    revenue = settings.features["Umsatz (netto)"]
    assert isinstance(revenue, Number)
    assert revenue.settings == {
        "decimal": ",",
        "thousands": ".",
        "unit": "€",
    }
    check_data(settings, gather_data(settings))


def drafted(rows: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[Settings, str]:
    """Settings for rows of a feature and a label, and what was said."""
    Path("t.csv").write_text("\n".join(["a,b", *rows]))
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    settings = load_settings(Path("t/settings.yaml"))
    check_data(settings, gather_data(settings))
    return settings, capsys.readouterr().out


def test_a_class_may_say_that_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    cells = ("None", "Mild", "Severe", "NA", "")
    rows = [f"{n * 7 % 50},{cells[n % 5]}" for n in range(200)]
    settings, said = drafted(rows, capsys)
    assert settings.label.names == ("Mild", "None", "Severe")
    assert "classes        3: Mild 40, Severe 40, None 40" in said
    assert "none?          None in 40 rows: a class here; if it is none, take it out of" in said
    assert "without label  80 rows, which are left out: NA in 40 rows means nothing" in said
    assert settings.data.quarantine == pytest.approx(80 / 200 * 1.2)


def test_plus_and_minus_are_classes(capsys: pytest.CaptureFixture[str]) -> None:
    settings, _ = drafted([f"{n * 7 % 50},{'+-'[n % 2]}" for n in range(200)], capsys)
    assert settings.label.names == ("+", "-")


def test_many_classes_are_classes_if_they_come_again(capsys: pytest.CaptureFixture[str]) -> None:
    settings, said = drafted([f"{n * 7 % 50},c{n % 150}" for n in range(900)], capsys)
    assert len(settings.label.names or ()) == 150
    assert "classes        150: " in said


def test_few_numbers_are_classes_that_are_told_and_halves_are_numbers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings, said = drafted([f"{n * 7 % 50},{n % 5 + 1}" for n in range(200)], capsys)
    assert settings.label.kind == "classes"
    assert "numbers?       the classes are numbers: make the label's kind number" in said
    Path("t/settings.yaml").unlink()
    Path("t/review.csv").unlink()
    settings, said = drafted([f"{n * 7 % 50},{n % 9 / 2 + 1}" for n in range(200)], capsys)
    assert settings.label.kind == "number"
    Path("t/settings.yaml").unlink()
    Path("t/review.csv").unlink()
    settings, said = drafted([f"{n * 7 % 50},{n % 2}.0" for n in range(200)], capsys)
    assert settings.label.names == ("0.0", "1.0")
    assert "numbers?" not in said


def test_a_label_of_numbers_may_have_a_few_that_are_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings, said = drafted(
        [*(f"{n * 7 % 50},${n}" for n in range(200)), "1,inf", "2,NaN"], capsys
    )
    assert settings.label.model_dump(exclude_defaults=True, exclude={"name"}) == {
        "kind": "number",
        "unit": "$",
    }
    assert "no number?     b: 1 of 201 cells are no numbers, such as 'inf'; their rows are" in said
    assert "without label  1 row, which is left out: NaN in 1 row means nothing" in said
    assert settings.data.quarantine == pytest.approx(0.012)


@pytest.mark.parametrize(("dev", "from_train"), [(0, True), (20, True), (30, False)])
def test_a_column_that_names_splits_is_no_feature(
    capsys: pytest.CaptureFixture[str], dev: int, from_train: bool
) -> None:
    parts = ["Train"] * 100 + ["test"] * 40 + ["dev"] * dev
    rows = "".join(f"{part},{n * 7 % 50},{n % 2}\n" for n, part in enumerate(parts))
    Path("t.csv").write_text(f"part,a,b\n{rows}")
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    said = capsys.readouterr().out
    assert f"train 100, {f'eval {dev}, ' if dev else ''}test 40, by column part" in said
    assert ("some of train are added to eval" in said) is from_train
    settings = load_settings(Path("t/settings.yaml"))
    assert settings.features["part"].kind == "ignore"
    assert settings.data.split.by == "column"
    assert settings.data.split.column == "part"
    assert settings.data.split.eval_from_train is from_train
    assert review("t")["part"] == "ignore: names the split of each row; see data.split"
    check_data(settings, gather_data(settings))


def test_numbers_of_rows_are_ignored_where_there_is_anything_else() -> None:
    made = random.Random(0)
    rows = "".join(f"{n},{made.random()},{made.choice('xy')}\n" for n in range(1, 90))
    Path("t.csv").write_text(f"RowNumber,a,b\n{rows}")
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    kinds = {name: of.kind for name, of in load_settings(Path("t/settings.yaml")).features.items()}
    assert kinds == {"RowNumber": "ignore", "a": "number"}
    assert review("t")["RowNumber"] == "ignore: the number of the row; make it number if it is more"
    assert main(["--table", "t.csv", "--label", "a", "--name", "u"]) == 0


def test_numbers_of_a_table_are_written_in_one_way() -> None:
    rows = "".join(f"{n * 7 % 50},5;{n % 3}.{100 + n};{'xy'[n % 2]}\n" for n in range(300))
    Path("t.csv").write_text(f"a;c;b\n{rows}".replace(";0.", ";"))
    assert main(["--table", "t.csv", "--label", "b"]) == 0
    found = load_settings(Path("t/settings.yaml")).features["c"]
    assert isinstance(found, Number)
    assert found.settings == {"decimal": ",", "thousands": "."}
    assert found.value("1.101") == 1_101


def test_a_table_of_which_nothing_is_known_to_tell_anything(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("t.csv").write_text("id,b\n" + "".join(f"{n:05d},{'xy'[n % 2]}\n" for n in range(99)))
    assert main(["--table", "t.csv", "--label", "b"]) == 2
    said = capsys.readouterr().err
    assert "wrote t/settings.yaml, but every column in it is ignored" in said
    assert "different in almost every row" in review("t")["id"]


def test_folders_that_make_no_settings(capsys: pytest.CaptureFixture[str]):
    assert main(["--images", "nowhere"]) == 2
    assert "nowhere is no folder" in capsys.readouterr().err
    Path("one/a").mkdir(parents=True)
    assert main(["--images", "one"]) == 2
    assert "holds no image file" in capsys.readouterr().err
    Path("around/photos/cat").mkdir(parents=True)
    Path("around/photos/cat/x.png").write_bytes(png(1))
    assert main(["--images", "around"]) == 2
    said = capsys.readouterr().err
    assert "x.png lies in no folder of a class, or too deep; name " in said
    assert "/around/photos instead." in said
    Path("odd/c\x1bat").mkdir(parents=True)
    Path("odd/c\x1bat/x.png").write_bytes(png(1))
    assert main(["--images", "odd"]) == 2
    assert "lies in a folder whose name holds the control character" in capsys.readouterr().err
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


def test_a_log_of_sensors(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    made = random.Random(0)
    rows = [
        f"{row % 24:02d}:{row % 60:02d};{'-999' if row % 20 == 0 else row % 37 + 0.5};"
        f"{'not measured' if row % 15 == 0 else f'{row}.5'};{made.choice(['ok', 'bad'])}"
        for row in range(300)
    ]
    text = "\n".join(["# a station's \"log", "at;temp;hum;state", *rows, "Total;5;6;ok", "# end"])
    Path("log.csv").write_text(text)
    assert main(["--table", "log.csv", "--label", "state"]) == 0
    said = capsys.readouterr().out
    assert "format         csv, delimiter ';', comment '#'" in said
    assert "missing?       temp: -999 in 15 rows, far from all others, is taken for missing" in said
    assert "missing?       hum: 'not measured' in 20 rows is taken for missing; if it is" in said
    assert "total?         the last row, line 303, says 'Total': if it sums up the others" in said
    assert "rows           300, of 4 columns" in said
    settings = load_settings(Path("log/settings.yaml"))
    kinds = {name: of.model_dump(exclude_defaults=True) for name, of in settings.features.items()}
    assert kinds == {
        "at": {"kind": "time"},
        "temp": {"kind": "number", "missing": (-999,)},
        "hum": {"kind": "number", "missing": ("not measured",)},
    }
    check_data(settings, gather_data(settings))
    findings = review("log")
    assert findings["temp"].endswith("-999 in 15 rows, far from all others, is taken for missing")
    assert findings["303"] == "Total: does it sum up the others?"


def test_a_number_of_which_the_label_is_made_is_told(capsys: pytest.CaptureFixture[str]):
    made = random.Random(0)
    nets = [made.uniform(5, 900) for _ in range(300)]
    prices = ["unknown" if net < 15 else f"{1.19 * net:.2f}" for net in nets]
    lines = zip(nets, prices, strict=True)
    rows = [f"{net:.2f},{made.random():.3f},{price}" for net, price in lines]
    Path("t.csv").write_text("net,n,price\n" + "\n".join(rows) + "\n")
    assert main(["--table", "t.csv", "--label", "price"]) == 0
    said = capsys.readouterr().out
    assert "leak?          net alone predicts the label (strength 1.000)" in said
    assert "missing?       price: 'unknown' in" in said
    settings = load_settings(Path("t/settings.yaml"))
    assert settings.features["net"].kind == "ignore"
    assert settings.label.model_dump()["missing"] == ("unknown",)


def test_answers_in_columns_of_their_own_and_prices_in_two_ways_are_told(
    capsys: pytest.CaptureFixture[str],
):
    made = random.Random(0)
    rows = [
        f"{made.randrange(2)};{made.randrange(2)};{made.randrange(2)};"
        f"{made.randrange(100, 900)}.000 €;{made.randrange(90, 180)}/{made.randrange(60, 90)}"
        for _ in range(200)
    ]
    Path("t.csv").write_text("is_war;is_love;is_art;price;pressure\n" + "\n".join(rows) + "\n")
    assert main(["--table", "t.csv", "--label", "is_war"]) == 0
    said = capsys.readouterr().out
    assert "tags?          is_war, is_love, is_art say yes or no alike" in said
    assert ".000 €' is read as " in said
    assert "more?          pressure; several numbers in a cell" in said
    price = load_settings(Path("t/settings.yaml")).features["price"]
    assert price.model_dump(exclude_defaults=True) == {
        **{"kind": "number", "decimal": ",", "thousands": ".", "unit": "€"}
    }


@pytest.mark.parametrize("folders", [("images/train", "labels/train"), ("photos", "annotations")])
def test_boxes_in_images_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], folders: tuple[str, str]
):
    photos, boxes = (tmp_path / "set" / folder for folder in folders)
    photos.mkdir(parents=True)
    boxes.mkdir(parents=True)
    Image.new("L", (8, 8)).save(photos / "1.png")
    (boxes / ("1.txt" if "labels" in str(boxes) else "1.json")).write_text("0 .5 .5 .2 .2\n")
    assert main(["--images", "set"]) == 2
    said = capsys.readouterr().err
    assert "seems to be of boxes in images, as YOLO and COCO have them" in said
    assert said.count("\n") == 1


def test_the_only_column_is_learned_from_though_it_tells_all() -> None:
    Path("t.csv").write_text("x,y\n" + "".join(f"{n / 7},{2 * n / 7 + 1}\n" for n in range(150)))
    assert main(["--table", "t.csv", "--label", "y"]) == 0
    assert load_settings(Path("t/settings.yaml")).features["x"].kind == "number"
