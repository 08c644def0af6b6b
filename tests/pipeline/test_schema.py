"""A schema that is none is refused before anything runs."""

import os
from pathlib import Path

import pytest
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from models.schema import derived_text
from pipeline.schema import schema_text
from pipeline.settings import REPOSITORY, Settings, SettingsError, load_settings
from tests.fashion_mnist import SETTINGS

SCHEMA = REPOSITORY / "configs" / "fashion_mnist.schema.pbtxt"


def check_schema(file: Path, settings: Settings = SETTINGS) -> str:
    return schema_text(settings.model_copy(update={"schema_file": file}))


def test_a_curated_schema_stays_as_it_is():
    assert check_schema(SCHEMA) == SCHEMA.read_text()


def test_without_a_file_it_is_derived():
    curated, derived = schema_pb2.Schema(), schema_pb2.Schema()
    text_format.Parse(SCHEMA.read_text(), curated)
    text_format.Parse(schema_text(SETTINGS), derived)
    assert derived == curated


def test_a_label_that_the_schema_leaves_out_is_named(tmp_path: Path):
    file = tmp_path / "schema.pbtxt"
    file.write_text(SCHEMA.read_text().replace("max: 9", "max: 8"))
    with pytest.raises(
        SettingsError, match=r"has feature label from 0 to 8, but label\.values are 0"
    ):
        check_schema(file)


TABLE = """
features:
  fare: {kind: number, min: 0.0}
  company: {kind: category}
  when: {kind: date}
  remarks: {kind: text}
  id: {kind: ignore}
label: {name: tags, kind: tags, values: [a, b]}
"""


def test_every_kind_has_an_entry(tmp_path: Path):
    quick = (REPOSITORY / "configs" / "quick.yaml").read_text()
    config = tmp_path / "table.yaml"
    start, stop = quick.index("features:"), quick.index("data:")
    config.write_text(quick[:start] + TABLE + quick[stop:])
    settings = load_settings(config)
    schema = schema_pb2.Schema()
    text_format.Parse(derived_text(settings.declaration), schema)
    found = {feature.name: feature for feature in schema.feature}
    assert list(found) == ["fare", "company", "when", "remarks", "tags"]
    assert found["fare"].float_domain.min == 0
    assert list(found["tags"].string_domain.value) == ["a", "b"]
    assert not found["company"].HasField("string_domain")


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
