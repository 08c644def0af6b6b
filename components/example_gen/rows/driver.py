"""Decides whether there are new data: by the content of every file that the format reads."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from typing import Any

from tfx.proto import example_gen_pb2, range_config_pb2

from components.example_gen import driver
from components.example_gen.formats import files
from components.example_gen.formats.format import Format, FormatError
from components.example_gen.formats.registry import format_of
from components.example_gen.rows.encoder import columns_of
from components.example_gen.rows.options import RowsSection
from documents.digest import file_digest
from documents.shown import shown
from models.declaration import Declaration


class RowsInputProcessor(driver.ContentInputProcessor):
    """Spans and versions of whatever a pattern fits, files or folders."""

    format_: Format

    def list_found(self, base: str, pattern: str) -> list[str]:
        """Files and folders that fit, as `spans.find` asks for them."""
        return files.find(base, pattern)

    def get_input_fingerprint(self, span: int, version: int | None) -> str:
        """Hex sha256 over digest and path below the input base of every file.

        Raises:
          FormatError: there is no file, or one cannot be read.
        """
        listing = hashlib.sha256()
        base = self._input_base_uri
        for split in self._splits:
            pattern = self.get_pattern_for_span_version(split.pattern, span, version)
            for source in sources(self.format_, base, pattern):
                for path in self.format_.contents(source):
                    try:
                        digest = file_digest(path, files.opened)
                    except OSError as error:
                        # What cannot be read is the executor's to tell, with the row it stands for.
                        digest = error.strerror or type(error).__name__
                    name = os.path.relpath(path, base) if files.is_local(path) else path
                    listing.update(f"{digest}  {name}\n".encode("utf-8", "surrogateescape"))
        return listing.hexdigest()


class Driver(driver.Driver):
    """Fills in span, version and `input_fingerprint`, the key of the cache."""

    def resolve_exec_properties(
        self, exec_properties: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """As TFX's; remembers the format, of which the processor is told nothing."""
        self._format = told_format(exec_properties)
        resolved: dict[str, Any] = super().resolve_exec_properties(exec_properties, *args, **kwargs)
        return resolved

    def get_input_processor(
        self,
        splits: Iterable[example_gen_pb2.Input.Split],
        range_config: range_config_pb2.RangeConfig | None = None,
        input_base_uri: str | None = None,
    ) -> RowsInputProcessor:
        """See the base class."""
        assert input_base_uri
        processor = RowsInputProcessor(input_base_uri, splits, range_config)
        processor.format_ = self._format
        return processor


def told_format(exec_properties: dict[str, Any]) -> Format:
    """The format in the execution properties of RowsExampleGenSpec."""
    rows = RowsSection.model_validate_json(exec_properties["rows"])
    declaration = Declaration.model_validate_json(exec_properties["declaration"])
    return format_of(
        rows.format, rows.options, columns_of(declaration, rows.options.split), rows.code
    )


def sources(format_: Format, base: str, pattern: str) -> list[str]:
    """What a format reads of what a pattern without spans fits.

    Raises:
      FormatError: there is nothing.
    """
    found = files.find(base, pattern)
    if not found:
        raise FormatError(
            f"{shown(os.path.join(base, pattern))} fits no file; check data.files (wildcards are *"
            " and ?, spans {SPAN} and {VERSION})."
        )
    return format_.sources(found)
