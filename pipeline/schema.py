"""The curated schema, read before anything runs: TFX would find out in the middle of a run."""

from __future__ import annotations

from pathlib import Path

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from documents.regular_file import regular_file
from documents.section import short
from models import features
from pipeline.settings import SettingsError

LARGEST = 16 << 20
"""Bytes."""

_TYPES = {features.IMAGE: schema_pb2.BYTES, features.LABEL: schema_pb2.INT}
"""What ExampleGen writes."""


def check_schema(path: Path) -> None:
    """Refuses what is no schema of the examples that ExampleGen writes.

    Raises:
      SettingsError: no file, no schema as protobuf text, or one without the image or the label.
    """
    setting = f"schema_file = {short(path, 300)}"
    mend = "name a schema such as configs/fashion_mnist.schema.pbtxt"
    try:
        with regular_file(path) as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise SettingsError(f"{setting} does not exist; {mend}.") from error
    except OSError as error:
        raise SettingsError(f"{setting} cannot be read: {error.strerror}; {mend}.") from error
    schema = schema_pb2.Schema()
    try:
        if len(content) > LARGEST:
            raise ValueError(f"it is larger than {LARGEST >> 20} MiB")
        text_format.Parse(content.decode(), schema)
    except UnicodeDecodeError as error:
        raise SettingsError(f"{setting} is no text, so no schema; {mend}.") from error
    except (text_format.ParseError, ValueError, RecursionError) as error:
        why = short(error, 200) or type(error).__name__
        raise SettingsError(f"{setting} is no schema in protobuf text ({why}); {mend}.") from error
    found = {feature.name: feature.type for feature in schema.feature}
    if len(found) < len(schema.feature):
        raise SettingsError(f"{setting} names a feature twice; leave one of them.")
    for name, kind in _TYPES.items():
        if found.get(name) != kind:
            has = schema_pb2.FeatureType.Name(found[name]) if name in found else "no such feature"
            raise SettingsError(
                f"{setting} must hold feature {name} of type "
                f"{schema_pb2.FeatureType.Name(kind)}, and has {has}; {mend}."
            )
