"""Folders of images as `init` looks at them."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pyarrow
import pytest
from PIL import Image
from pyarrow import parquet

from pipeline.init.command import main
from pipeline.preflight.preflight import check_data, gather_data
from pipeline.settings import load_settings
from tests.pipeline.init.looked_at import png, review, trips, write_images
from tests.there import there

pytestmark = pytest.mark.usefixtures("in_a_folder")


@pytest.mark.medium
def test_files_of_other_formats_bombs_and_empty_classes(capsys: pytest.CaptureFixture[str]):
    for number in range(30):
        path = Path("pets") / ("cat", "dog")[number % 2] / f"{number}.webp"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (9, 7), (number, 0, 0)).save(path, "WEBP", lossless=True)
    Path("pets/bird").mkdir()
    Path("pets/fish").mkdir()
    for number in range(2):
        Path(f"pets/fish/{number}.png").write_bytes(png(200 + number))
    for name in ("0.mov", "1.png.json"):
        Path(f"pets/fish/{name}").write_bytes(b"{}")
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
    assert "beside         2 files are called as an image but for the ending: left out" in said
    findings = {key.rpartition("/")[2]: value for key, value in review("p").items()}
    assert findings["bomb.png"] == "has more than 64,000,000 pixels; scale it down"
    assert findings["empty.jpg"] == "is empty"
    assert findings["page.jpg"] == "is an HTML page; save it as PNG or JPEG"
    assert findings["link.png"] == "is a link that leaves the folder; put the file itself there"
    assert findings["bird"] == "no image: it is left out"
    assert load_settings(Path("p/settings.yaml")).label.names == ("cat", "dog", "fish")


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


def test_images_that_lie_right_in_the_folder_of_a_split_are_no_class(
    capsys: pytest.CaptureFixture[str],
):
    write_images("all/train/a", "all/train/b", "all/test")
    assert main(["--images", "all"]) == 0
    assert load_settings(Path("all_model/settings.yaml")).label.names == ("a", "b")
    assert "lies in the folder of a split, and there in none of a class" in capsys.readouterr().out


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
    ("folders", "why"),
    [
        (["color/a", "color/b"], "; name {here}/span-{{SPAN}}/color instead."),
        (["a/p", "a/q", "b/r"], "such as {here}/span-{{SPAN}}/a."),
    ],
)
def test_of_spans_at_another_depth_the_pattern_is_told(
    capsys: pytest.CaptureFixture[str], folders: list[str], why: str
) -> None:
    write_images(*(f"span-3/{folder}" for folder in folders))
    assert main(["--images", "span-{SPAN}"]) == 2
    assert why.format(here=Path().absolute()) in capsys.readouterr().err


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
    assert settings.data.quarantine == pytest.approx(0.08)
    assert review("t")["image.bytes"] == "image: 58 images; missing in 1 of 60 rows"
    check_data(settings, gather_data(settings))


@pytest.mark.medium
def test_the_folder_may_stand_in_another_one():
    Path("t.csv").write_text(trips())
    folder = Path("of mine").absolute() / "trips-1"
    assert main(["--table", "t.csv", "--label", "tip", "--name", str(folder)]) == 0
    assert load_settings(folder / "settings.yaml").name == "trips-1"


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


@pytest.mark.medium
@pytest.mark.usefixtures("in_a_folder")
@pytest.mark.parametrize("cell", ["0a1b{}", "0a1b{}.png", "elsewhere/0a1b{}.png"])
def test_names_of_images_without_folder_or_ending_are_told_with_the_path(
    capsys: pytest.CaptureFixture[str], cell: str
) -> None:
    Path("train").mkdir()
    rows = []
    for number in range(40):
        Path("train", f"0a1b{number}.png").write_bytes(png(number))
        rows.append(f"{cell.format(number)},{'ab'[number % 2]},{number % 7}")
    Path("t.csv").write_text("\n".join(["id,breed,age", *rows]))
    told = f"id holds '{cell.format(0)}', whose file is train/0a1b0.png: write paths so"
    assert main(["--table", "t.csv", "--label", "breed"]) == 0
    assert told in capsys.readouterr().out
    assert main(["--manifest", "t.csv", "--label", "breed", "--name", "other"]) == 2
    said = capsys.readouterr().err
    assert f"column {told}" in said
    assert said.count("\n") == 1


def test_the_latest_span_of_images_is_looked_at(capsys: pytest.CaptureFixture[str]):
    write_images("pets/span-1/cat", "pets/span-1/dog")
    write_images("pets/span-12/v1/cat", count=2)
    write_images("pets/span-12/v2/cat", "pets/span-12/v2/dog", "pets/span-12/v2/fish")
    pattern = "pets/span-{SPAN}/v{VERSION}"
    assert main(["--images", pattern, "--name", "p"]) == 0
    assert "classes        3: cat 4, dog 4, fish 4" in capsys.readouterr().out
    settings = load_settings(Path("p/settings.yaml"))
    assert there(settings.data.files).endswith(f"/{pattern}")
    check_data(settings, gather_data(settings))
    for wrong, why in {
        "pets/day-{SPAN}": "No span in",
        "pets/{SPAN}/{SPAN}": "must hold {SPAN} once",
        "pets/nothing*": "pets/nothing* fits no folder; name the one with a folder for each class",
        "pets/span-12/v2/*": "pets/span-12/v2/* fits 3 places, such as",
    }.items():
        assert main(["--images", wrong, "--name", "q"]) == 2
        said = capsys.readouterr().err
        assert why in said
        assert said.count("\n") == 1
    # Signs of patterns are letters in the name of a folder that is there.
    write_images("pets/{x}*/a", "pets/{x}*/b")
    assert main(["--images", "pets/{x}*", "--name", "q"]) == 0


def test_numbers_beside_photos_that_are_called_so_are_numbers(capsys: pytest.CaptureFixture[str]):
    write_images("m/p", count=60)
    rows = "".join(f"p/{n}.png,{n * 7 % 60},{n % 2}\n" for n in range(60))
    Path("m/t.csv").write_text(f"photo,area,sold\n{rows}")
    assert main(["--manifest", "m/t.csv", "--label", "sold", "--name", "n"]) == 0
    assert "no images?" not in capsys.readouterr().out
