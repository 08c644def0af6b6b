"""A schema that is none is refused before anything runs."""

import os
from pathlib import Path

import pytest

from pipeline.schema import check_schema
from pipeline.settings import REPOSITORY, SettingsError

SCHEMA = REPOSITORY / "configs" / "fashion_mnist.schema.pbtxt"


def test_the_shipped_schema_is_one():
    check_schema(SCHEMA)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "must hold feature image of type BYTES, and has no such feature"),
        ("# nothing", "must hold feature image of type BYTES, and has no such feature"),
        ('feature {name: "image" type: BYTES}', "must hold feature label of type INT"),
        ('feature {name: "image" type: INT}', "feature image of type BYTES, and has INT"),
        ('feature {name: "image" type: BYTES}\n' * 2, "names a feature twice"),
        ("{}", "is no schema in protobuf text"),
        ("feature: [", "is no schema in protobuf text"),
        ('version: "1"\nnodes {}', 'has no field named "version"'),
        ("feature {" * 3_000, "is no schema in protobuf text"),
        (b"\xff\xfe\x00", "is no text, so no schema"),
        (b"\x0a\x05image", "is no schema in protobuf text"),
    ],
)
def test_what_is_no_schema_of_the_examples_is_named(
    tmp_path: Path, content: str | bytes, said: str
):
    file = tmp_path / "schema.pbtxt"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(SettingsError) as caught:
        check_schema(file)
    assert str(caught.value).startswith(f"schema_file = {file} ")
    assert said in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_label_without_values_is_no_worse(tmp_path: Path):
    file = tmp_path / "schema.pbtxt"
    file.write_text('feature {name: "image" type: BYTES} feature {name: "label" type: INT}')
    check_schema(file)


@pytest.mark.parametrize("kind", ["missing", "folder", "fifo", "device"])
def test_a_schema_is_a_file(tmp_path: Path, kind: str):
    file = Path("/dev/zero") if kind == "device" else tmp_path / "schema.pbtxt"
    if kind == "folder":
        file.mkdir()
    elif kind == "fifo":
        os.mkfifo(file)
    with pytest.raises(SettingsError, match=r"schema_file = .*(not exist|read: is a)"):
        check_schema(file)
