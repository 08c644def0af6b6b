"""Rows of a split: pictures, slices, bounds, and only within the workspace."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os

import pytest
from PIL import Image

from inspection.evidence import examples
from inspection.evidence.examples import read_examples, splits_of
from inspection.files.workspace import Workspace
from inspection.history.records import Artifact
from tests.there import there

tf = pytest.importorskip("tensorflow")


def example(**values):
    features = {}
    for name, value in values.items():
        if isinstance(value, bytes):
            features[name] = tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
        elif isinstance(value, float):
            features[name] = tf.train.Feature(float_list=tf.train.FloatList(value=[value]))
        elif value is None:
            features[name] = tf.train.Feature()
        else:
            features[name] = tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


@pytest.fixture
def artifact(tmp_path):
    folder = tmp_path / "ws" / "artifacts" / "ExampleGen" / "examples" / "1"
    for split, compressed in (("eval", False), ("train", True)):
        (folder / f"Split-{split}").mkdir(parents=True)
        options = tf.io.TFRecordOptions(compression_type="GZIP" if compressed else "")
        path = folder / f"Split-{split}" / ("data_tfrecord-00000-of-00001" + ".gz" * compressed)
        with tf.io.TFRecordWriter(str(path), options) as writer:
            for number in range(40):
                writer.write(
                    example(
                        image=bytes([number]) * 12,
                        label=number % 2,
                        fare=number / 2,
                        note="naïve \x1b".encode(),
                        off=-5,
                        missing=None,
                    )
                )
    document = {
        "features": [
            {"name": "image", "kind": "image", "options": {"size": [4, 3], "channels": 1}},
            {"name": "fare", "kind": "number"},
        ],
        "label": {"name": "label", "kind": "classes", "values": ["shirt", "shoe"]},
    }
    (folder / "features.json").write_text(json.dumps(document))
    return Artifact(1, "Examples", None, str(folder), "live", {}, None, None)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "ws")


@pytest.mark.parametrize("split", ["eval", "train"])
def test_rows_are_as_the_settings_declare_them(artifact, workspace, split):
    assert splits_of(workspace, artifact) == ["eval", "train"]
    found = there(read_examples(workspace, artifact, split, most=3))
    assert found.columns == ("label", "image", "fare", "missing", "note", "off")
    assert (len(found.rows), found.complete) == (3, False)
    number, cells = found.rows[1]
    assert number == 1
    assert [cell.text for cell in cells[2:]] == ["0.5", "", "naïve \x1b", "-5"]
    assert cells[0].text == "shoe (1)"
    picture = Image.open(io.BytesIO(base64.b64decode(there(cells[1].picture).partition(",")[2])))
    assert (picture.size, picture.getpixel((2, 3))) == ((3, 4), 1)


@pytest.mark.parametrize("where", ["label=1", "label=shoe", "label=shoe, off=-5"])
def test_a_slice_by_number_or_name_of_its_class(artifact, workspace, where):
    found = there(read_examples(workspace, artifact, "eval", where, most=100))
    assert [number for number, _ in found.rows] == list(range(1, 40, 2))
    assert found.complete
    assert there(read_examples(workspace, artifact, "eval", "label=hat")).rows == ()
    assert there(read_examples(workspace, artifact, "eval", "nothing=1")).rows == ()


@pytest.mark.parametrize("split", ["", "test", "../../..", "eval/../train", "eval\0"])
def test_only_splits_that_are_there(artifact, workspace, split):
    assert read_examples(workspace, artifact, split) is None


def test_what_leads_out_of_the_workspace_is_not_read(artifact, workspace, tmp_path):
    os.rename(f"{artifact.uri}/Split-eval", tmp_path / "outside")
    os.symlink(tmp_path / "outside", f"{artifact.uri}/Split-eval")
    assert there(read_examples(workspace, artifact, "eval")).rows == ()


def test_nor_is_a_file_elsewhere(artifact, workspace, tmp_path):
    path = f"{artifact.uri}/Split-eval/data_tfrecord-00000-of-00001"
    os.rename(path, tmp_path / "outside")
    os.symlink(tmp_path / "outside", path)
    assert there(read_examples(workspace, artifact, "eval")).rows == ()


@pytest.mark.parametrize(
    "content",
    [b"\xff" * 12, b"\x05\0\0\0\0\0\0\0\0\0\0\0abc", b"\x1f\x8bnothing", b"\0" * 30, b"x"],
)
def test_damaged_files_are_passed_over(artifact, workspace, content):
    path = f"{artifact.uri}/Split-eval/data_tfrecord-00000-of-00001"
    with open(path, "wb") as file:
        file.write(content)
    assert there(read_examples(workspace, artifact, "eval")).rows == ()


def test_a_bomb_is_read_to_its_bound_only(artifact, workspace, monkeypatch):
    monkeypatch.setattr(examples, "MOST_READ", 10_000)
    record = example(text=b"x" * 3_000)
    header = len(record).to_bytes(8, "little") + b"\0" * 4
    with gzip.open(f"{artifact.uri}/Split-train/data_tfrecord-00000-of-00001.gz", "wb") as file:
        file.write((header + record + b"\0" * 4) * 1_000)
    found = there(read_examples(workspace, artifact, "train", "text=none"))
    assert (found.read, found.complete) == (3, False)
