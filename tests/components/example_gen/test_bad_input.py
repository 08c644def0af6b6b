"""What people bring that is not as it should be: one sentence each, and nothing lost.

Files and headers that no table has are in formats/, cells of each kind in tests/models/features.
"""

from __future__ import annotations

import io
import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from components.example_gen.formats.format import FormatError
from components.example_gen.rows.totals import DataError
from models.declaration import Declaration
from tests.components.example_gen.rows.node import read, run
from tests.components.example_gen.rows.photos import PHOTOS, png

TABLE = Declaration.model_validate(
    {
        "features": {
            "fare": {"kind": "number"},
            "zip": {"kind": "category"},
            "id": {"kind": "category", "vocabulary": 10},
        },
        "label": {"name": "tip", "kind": "classes", "values": ["no", "yes/maybe"]},
    }
)
HEADER = "fare,zip,id,tip"


def lines(count: int, start: int = 0) -> list[str]:
    return [
        f"{row}.5,{row % 90:05d},{10**19 + row},{('no', 'yes/maybe')[row % 2]}"
        for row in range(start, start + count)
    ]


def quarantined(folder: Path) -> dict[int, str]:
    path = folder / "quarantine.jsonl"
    rows = [json.loads(line) for line in path.open()] if path.exists() else []
    return {row["line"]: row["reason"] for row in rows}


def test_rows_that_are_right_however_odd_and_rows_that_are_none(tmp_path: Path):
    odd = {
        'NA,00501,5" disk,no': {"zip": [b"00501"], "id": [b'5" disk'], "tip": [0]},
        "nan,NA,x,yes/maybe": {"zip": [b"NA"], "id": [b"x"], "tip": [1]},
        "1e3, 10115 ,99999999999999999999,no": {
            "fare": [1e3],
            "zip": [b"10115"],
            "id": [b"99999999999999999999"],
            "tip": [0],
        },
        '7,"a,b",Grün,no': {"fare": [7.0], "zip": [b"a,b"], "id": ["Grün".encode()], "tip": [0]},
        "-0.5,,x,no": {"fare": [-0.5], "id": [b"x"], "tip": [0]},
    }
    wrong = {
        "cheap,1,x,no": "column fare holds 'cheap', which is no number",
        "00501,1,x,no": "column fare holds '00501', which begins with 0 as codes do",
        "20123456789012345678,1,x,no": "more digits than a number keeps; make the column a cate",
        '"1,5",1,x,no': "fare holds '1,5', which is no number; declare decimal: ',' if it is one",
        "1,1,x": "has 3 cells instead of 4",
        "1,1,x,no,no": "has 5 cells instead of 4",
        "1,1,x,": "column tip holds no label",
        "1,1,x,yes": "column tip holds 'yes', which label.values do not name",
        '1,"never closed,x,no': 'has a quote " that is never closed',
    }
    text = [HEADER, *lines(60), *odd, *wrong]
    (tmp_path / "a.csv").write_text("\n".join(text) + "\n", "utf-8")
    examples, _ = run(f"{tmp_path}/a.csv", tmp_path / "out", TABLE, quarantine=0.2)
    rows = [row for of in read(examples).values() for row in of]
    assert len(rows) == 60 + len(odd)
    for wanted in odd.values():
        assert wanted in rows
    reasons = quarantined(tmp_path / "out")
    first = 1 + 60 + len(odd) + 1
    assert sorted(reasons) == list(range(first, first + len(wrong)))
    for number, why in enumerate(wrong.values(), first):
        assert why in reasons[number]


@pytest.mark.medium
@pytest.mark.parametrize(
    ("encoding", "options"),
    [
        ("utf-8-sig", {}),
        ("utf-16", {"encoding": "utf-16"}),
        ("latin-1", {"encoding": "latin-1"}),
        ("utf-8", {"delimiter": ";"}),
    ],
)
def test_a_file_is_read_as_it_is_declared(tmp_path: Path, encoding: str, options: dict[str, str]):
    delimiter = options.get("delimiter", ",")
    text = "\n".join([HEADER, *lines(60), "1,Zürich,x,no"]).replace(",", delimiter)
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    examples, _ = run(f"{tmp_path}/a.csv", tmp_path / "out", TABLE, csv=options)
    rows = [row for of in read(examples).values() for row in of]
    assert len(rows) == 61
    assert ["Zürich".encode()] in [row["zip"] for row in rows]


@pytest.mark.medium
@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("fare,zip,tip", r"span-2.csv has no column 'id'; it has fare, zip, tip; mend"),
        ("fare,zipcode,id,tip", r"has no column 'zip'; if it is 'zipcode' now, rename it"),
        ("fare,zip,id,Tip", r"has no column 'tip'; if it is 'Tip' now, rename it"),
        ("fare,zip,id,tip,fare", r"has the column 'fare' twice \(columns 1 and 5\)"),
    ],
)
def test_a_later_span_that_lost_or_renamed_a_column_is_refused(
    tmp_path: Path, header: str, why: str
):
    for span, names in ((1, HEADER), (2, header)):
        cells = [",".join(["1"] * len(names.split(",")))] * 60
        rows = lines(60) if names == HEADER else cells
        (tmp_path / f"span-{span}.csv").write_text("\n".join([names, *rows]))
    with pytest.raises(FormatError, match=why):
        run(f"{tmp_path}/span-{{SPAN}}.csv", tmp_path / "out", TABLE)
    assert not [*tmp_path.glob("out/Split-*")]


def test_a_later_span_with_a_new_column_is_read_and_the_column_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "span-1.csv").write_text("\n".join([HEADER, *lines(60)]))
    new = [f"{line},7" for line in lines(60)]
    (tmp_path / "span-2.csv").write_text("\n".join([f"{HEADER},weather", *new]))
    with caplog.at_level(logging.WARNING, "progress"):
        examples, _ = run(f"{tmp_path}/span-{{SPAN}}.csv", tmp_path / "out", TABLE)
    assert "column weather of" in caplog.text
    assert examples.get_int_custom_property("rows") == 60


def test_an_empty_class_and_one_of_two_rows_are_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    values = ["no", "yes/maybe", "rare", "never"]
    declaration = Declaration.model_validate(
        {**TABLE.model_dump(), "label": {"name": "tip", "kind": "classes", "values": values}}
    )
    (tmp_path / "a.csv").write_text("\n".join([HEADER, *lines(200), "1,1,x,rare", "2,2,y,rare"]))
    with caplog.at_level(logging.WARNING, "progress"):
        examples, _ = run(f"{tmp_path}/a.csv", tmp_path / "out", declaration)
    assert examples.get_int_custom_property("rows") == 202
    for split in ("train", "eval", "test"):
        [said] = [text for text in caplog.messages if text.startswith(f"split {split} has no row")]
        assert "never" in said


def test_a_column_that_is_empty_everywhere_stops_the_run(tmp_path: Path):
    rows = [f"NA{line[line.index(',') :]}" for line in lines(60)]
    (tmp_path / "a.csv").write_text("\n".join([HEADER, *rows]))
    with pytest.raises(DataError, match=r"Feature fare is empty in all 60 rows; make it \{kind: i"):
        run(f"{tmp_path}/a.csv", tmp_path / "out", TABLE)
    assert not [*tmp_path.glob("out/Split-*")]


@pytest.mark.medium
def test_files_of_all_names_and_contents(tmp_path: Path):
    root = tmp_path / "photos [1] *?"
    for seed in range(60):
        path = root / ("cat", "dög")[seed % 2] / f"{seed} [x]?*é.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(seed))
    cats = root / "cat"
    (cats / "really a png.jpg").write_bytes(png(100))
    Path(os.fsdecode(os.fsencode(cats) + b"/\xff.png")).write_bytes(png(101))
    for name in (".ipynb_checkpoints", "__MACOSX"):
        (cats / name).mkdir()
        (cats / name / "x.png").write_bytes(png(102))
    (root / "empty class").mkdir()
    outside = tmp_path / "outside.png"
    outside.write_bytes(png(103))
    (cats / "link.png").symlink_to(outside)
    bomb = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    wrong: dict[str, tuple[bytes, str]] = {
        "empty.png": (b"", "column photo is empty"),
        "cut.png": (png(1, (40, 40))[:-60], "column photo is a damaged PNG or JPEG image"),
        "page.jpg": (
            b"<html><body>404</body></html>",
            "column photo is an HTML page; save it as PNG or JPEG",
        ),
        "bomb.png": (bomb.getvalue(), "column photo has more than 64,000,000 pixels"),
    }
    for name, (content, _) in wrong.items():
        (cats / name).write_bytes(content)
    # A name with wildcards is that folder and no other.
    (tmp_path / "photos 1 ab").mkdir()
    examples, _ = run(
        f"{root.parent}/photos [1] *?", tmp_path / "out", PHOTOS, "image_folder", quarantine=0.2
    )
    assert examples.get_int_custom_property("rows") == 62 + 1 + len(wrong)
    assert sum(len(of) for of in read(examples).values()) == 62
    listed = [json.loads(line) for line in (tmp_path / "out/quarantine.jsonl").open()]
    reasons = {row["path"].rpartition("/")[2]: row["reason"] for row in listed}
    assert reasons.pop("link.png") == "is a link that leaves the folder; put the file itself there"
    assert reasons.keys() == wrong.keys()
    for name, (_, why) in wrong.items():
        assert reasons[name].startswith(why)


@pytest.mark.medium
def test_a_row_without_its_image_is_a_bad_row(tmp_path: Path):
    declared: dict[str, Any] = {
        **PHOTOS.model_dump(exclude_none=True),
        "features": {"photo": {"kind": "image", "size": [4, 3]}, "weight": {"kind": "number"}},
    }
    rows = []
    for seed in range(60):
        (tmp_path / f"{seed}.png").write_bytes(png(seed))
        rows.append({"photo": f"{seed}.png", "weight": seed, "animal": ("cat", "dög")[seed % 2]})
    (tmp_path / "folder.png").mkdir()
    wrong = {
        "": "column photo holds no image",
        "gone.png": "column photo names gone.png, which cannot be read (No such file",
        "folder.png": "column photo names folder.png, which cannot be read (",
        "../up.png": "column photo holds '../up.png', which is no path below the folder of the",
        "/etc/hostname": "column photo holds '/etc/hostname', which is no path below the folder",
    }
    rows += [{"photo": path, "weight": 1, "animal": "cat"} for path in wrong]
    rows.append({"weight": 1, "animal": "cat"})
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    declaration = Declaration.model_validate(declared)
    examples, _ = run(
        f"{tmp_path}/a.jsonl", tmp_path / "out", declaration, "manifest", quarantine=1
    )
    found = [row for of in read(examples).values() for row in of]
    assert len(found) == 60
    assert all(row["photo"] for row in found)
    reasons = quarantined(tmp_path / "out")
    for number, why in enumerate([*wrong.values(), "column photo holds no image"], 61):
        assert reasons[number].startswith(why)
