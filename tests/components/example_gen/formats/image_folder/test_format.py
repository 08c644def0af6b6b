from __future__ import annotations

import pytest

from components.example_gen.formats.format import Columns, FormatError
from components.example_gen.formats.image_folder.format import ImageFolder
from components.example_gen.formats.options import FormatOptions


def write(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())


def test_a_folder_is_a_class(tmp_path, read):
    root = tmp_path / "photos [1] *ü"
    names = ["cat/a.png", "cat/b [2].jpg", "dog, big/ü.PNG", "yes: no/?.png"]
    write(root, *names)
    rows, places, bad = read("image_folder", [root], "photo", "animal", images=["photo"])
    assert sorted(rows) == sorted((name.encode(), name.split("/")[0]) for name in names)
    assert sorted(places) == sorted((str(root / name), None) for name in names)
    assert not bad


def test_litter_is_no_class(tmp_path, read):
    write(
        tmp_path,
        "cat/a.png",
        ".ipynb_checkpoints/a.png",
        "__MACOSX/cat/._a.png",
        "cat/.DS_Store",
        "cat/Thumbs.db",
    )
    rows, _, bad = read("image_folder", [tmp_path], "photo", "animal", images=["photo"])
    assert rows == [(b"cat/a.png", "cat")]
    assert not bad


def test_what_belongs_to_a_photo_is_no_image(tmp_path, read):
    write(
        tmp_path,
        *("cat/IMG_1.JPG", "cat/IMG_1.MOV", "cat/IMG_1.AAE", "cat/IMG_1.JPG.xmp"),
        *("cat/b.c.png", "cat/b.c.png.supplemental-metadata.json", "cat/b.txt"),
        *("dog/IMG_1.MOV", "dog/a.webp", "dog/a.jpg"),
    )
    rows, _, bad = read("image_folder", [tmp_path], "photo", "animal", images=["photo"])
    # What is called as no image beside it stays a row, which is told when it is read.
    assert sorted(content.decode() for content, _ in rows) == [
        *("cat/IMG_1.JPG", "cat/b.c.png", "cat/b.txt"),
        *("dog/IMG_1.MOV", "dog/a.jpg", "dog/a.webp"),
    ]
    assert not bad


def test_folders_of_splits(tmp_path, read):
    write(tmp_path, "train/cat/a.png", "validation/dog/b.png", "test/cat/c.png", "test/d.png")
    rows, _, bad = read("image_folder", [tmp_path], "photo", "folder", "animal", images=["photo"])
    assert {row[1:] for row in rows} == {
        ("test", "cat"),
        ("train", "cat"),
        ("validation", "dog"),
        (None, "test"),
    }
    assert not bad
    with pytest.raises(FormatError, match=r"holds the folders test, train, validation: set d"):
        read("image_folder", [tmp_path], "photo", "animal", images=["photo"])


def test_files_that_are_no_rows_are_told(tmp_path, read):
    root = tmp_path / "in"
    write(root, "cat/a.png", "loose.png", "photos/cat/b.png")
    (tmp_path / "secret.png").write_bytes(b"secret")
    (root / "cat/link.png").symlink_to(tmp_path / "secret.png")
    (root / "cat/same.png").symlink_to("a.png")
    (root / "cat/gone.png").symlink_to("nothing.png")
    (root / "loop").symlink_to(root)
    rows, _, bad = read("image_folder", [root], "photo", "animal", images=["photo"])
    assert rows == [(b"cat/a.png", "cat")] * 2
    assert bad == {
        ("loose.png", None): "lies in no folder of a class",
        ("b.png", None): "lies too deep: put it into photos, or cat beside it",
        ("link.png", None): "is a link that leaves the folder; put the file itself there",
        ("gone.png", None): "cannot be read (No such file or directory)",
        ("loop", None): "is a link to a folder; put the folder itself there",
    }


def test_ranges_mix_the_classes_and_lose_nothing(tmp_path):
    write(tmp_path, *(f"{name}/{n:03d}.png" for name in ("a", "b") for n in range(100)))
    columns = Columns(("photo", "label"), "label", of_files=("photo",))
    ranges = [*ImageFolder(FormatOptions(), columns).ranges(str(tmp_path), 200)]
    assert len(ranges) > 5
    assert len({path for part in ranges for path, _ in part.members}) == 200
    assert all({below[0] for _, below in part.members} == {"a", "b"} for part in ranges[:5])


@pytest.mark.parametrize(
    ("needed", "images", "why"),
    [
        (("photo", "price", "label"), ["photo"], "features are photo, price; leave one image"),
        (("price", "label"), [], "features are price"),
        (("photo", "label"), ["photo"], "holds no files"),
    ],
)
def test_what_it_cannot_give(tmp_path, read, needed, images, why):
    with pytest.raises(FormatError, match=why):
        read("image_folder", [tmp_path], *needed, images=images)


def test_a_file_is_no_folder(tmp_path, read):
    write(tmp_path, "a.png")
    with pytest.raises(FormatError, match="is no folder"):
        read("image_folder", [tmp_path / "a.png"], "photo", "label", images=["photo"])
