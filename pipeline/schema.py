"""The schema of a run: derived from the settings, or the curated one that they name."""

from __future__ import annotations

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from documents.regular_file import regular_file
from documents.settings.section import short
from models.schema import derived_text, problems
from pipeline.settings import Settings, SettingsError

LARGEST = 16 << 20
"""Bytes."""
_MEND = "mend it, or leave schema_file out to have it derived from the settings"


def schema_text(settings: Settings) -> str:
    """The schema in protobuf text: as the file has it where there is one.

    Raises:
      SettingsError: schema_file is no schema, or not one of the features and the label.
    """
    if settings.schema_file is None:
        return derived_text(settings.declaration)
    path, setting = settings.schema_file, f"schema_file = {short(settings.schema_file, 300)}"
    try:
        with regular_file(path) as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise SettingsError(f"{setting} does not exist; {_MEND}.") from error
    except OSError as error:
        raise SettingsError(f"{setting} cannot be read: {error.strerror}; {_MEND}.") from error
    schema = schema_pb2.Schema()
    try:
        if len(content) > LARGEST:
            raise ValueError(f"it is larger than {LARGEST >> 20} MiB")
        text = content.decode()
        text_format.Parse(text, schema)
    except UnicodeDecodeError as error:
        raise SettingsError(f"{setting} is no text, so no schema; {_MEND}.") from error
    except (text_format.ParseError, ValueError, RecursionError) as error:
        why = short(error, 200) or type(error).__name__
        raise SettingsError(f"{setting} is no schema in protobuf text ({why}); {_MEND}.") from error
    for problem in problems(settings.declaration, schema):
        raise SettingsError(f"{setting} {short(problem, 300)}; {_MEND}.")
    return text
