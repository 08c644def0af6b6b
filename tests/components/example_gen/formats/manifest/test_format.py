import json

import pytest

from components.example_gen.formats.format import FormatError


def test_paths_become_the_content_of_files(tmp_path, read):
    (tmp_path / "photos [1]").mkdir()
    (tmp_path / "photos [1]" / "a ü.png").write_bytes(b"pixels")
    (tmp_path / "m.csv").write_text("photo,price,label\nphotos [1]/a ü.png,1.5,x\n,2,y\n")
    rows, _, bad = read(
        "manifest", [tmp_path / "m.csv"], "photo", "price", "label", images=["photo"]
    )
    assert rows == [(b"pixels", "1.5", "x"), (None, "2", "y")]
    assert not bad
    (tmp_path / "m.jsonl").write_text(json.dumps({"photo": "photos [1]/a ü.png", "label": "x"}))
    rows, _, _ = read("manifest", [tmp_path / "m.jsonl"], "photo", "label", images=["photo"])
    assert rows == [(b"pixels", "x")]


def test_paths_that_lead_elsewhere_are_bad_rows(tmp_path, read):
    root = tmp_path / "in"
    root.mkdir()
    (tmp_path / "secret.png").write_bytes(b"secret")
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    (root / "ok.png").write_bytes(b"ok")
    wrong = ["../secret.png", "/etc/passwd", "link.png", "gone.png", ".", "a\0b", "gs://b/x.png"]
    with (root / "m.jsonl").open("w") as file:
        for path in [*wrong, "ok.png"]:
            file.write(json.dumps({"photo": path, "label": "x"}) + "\n")
    rows, places, bad = read("manifest", [root], "photo", "label", images=["photo"])
    assert rows == [(b"ok", "x")]
    assert places == [(str(root / "m.jsonl"), 8)]
    assert len(bad) == len(wrong)
    assert "no path below the folder of the table" in bad[("m.jsonl", 1)]
    assert "no path below the folder of the table" in bad[("m.jsonl", 2)]
    assert "is a link that leaves the folder" in bad[("m.jsonl", 3)]
    assert "cannot be read (No such file" in bad[("m.jsonl", 4)]
    assert "is a folder, not a file" in bad[("m.jsonl", 5)]


def test_without_an_image_it_is_a_table(tmp_path, read):
    (tmp_path / "m.csv").write_text("a,b\n1,2\n")
    with pytest.raises(FormatError, match="no feature is an image"):
        read("manifest", [tmp_path], "a", "b")
