"""What the settings say of how files are written."""

from __future__ import annotations

import codecs
import json
from typing import Annotated, Literal

import pydantic

from documents.features import Table
from documents.settings.section import Section
from documents.settings.twice import twice

_STATEFUL = ("utf_7", "utf-7", "hz", "iso2022", "idna", "punycode", "unicode_escape", "undefined")


class CsvOptions(Section):
    """How cells are told apart. None of it is guessed: two spans could be guessed apart."""

    delimiter: str = pydantic.Field(",", min_length=1, max_length=1)
    encoding: str = pydantic.Field("utf-8", min_length=1, max_length=40)
    """As Python calls it; a byte order mark is taken off."""
    quote: str | None = pydantic.Field('"', min_length=1, max_length=1)
    """None: a quotation mark is a character like any other."""
    columns: list[str] | None = pydantic.Field(None, min_length=1, max_length=10_000)
    """Names of the columns of files that have no line with them."""
    skip: int = pydantic.Field(0, ge=0, le=1_000)
    """Lines above the names of the columns, or above the first row: a title, what a machine wrote
    of itself."""
    comment: str | None = pydantic.Field(None, min_length=1, max_length=1)
    """A line that begins so is none, such as `# measured in Kiel`; None: all lines are."""

    @pydantic.field_validator("delimiter", "quote", "comment")
    @classmethod
    def _one_plain_character(cls, character: str | None) -> str | None:
        if character and (character in "\r\n\0" or not character.isascii()):
            raise ValueError("it must be one ASCII character that ends no line")
        return character

    @pydantic.field_validator("encoding")
    @classmethod
    def _encoding_is_known(cls, encoding: str) -> str:
        try:
            known = codecs.lookup(encoding)
            "a".encode(encoding)
        except LookupError as error:
            raise ValueError("it is no encoding; e.g. utf-8, utf-16, latin-1, cp1252") from error
        if known.name.startswith(_STATEFUL):
            raise ValueError("it cannot be read from the middle of a file; convert to utf-8")
        return encoding

    @pydantic.field_validator("columns")
    @classmethod
    def _columns_are_told_apart(cls, columns: list[str] | None) -> list[str] | None:
        again = twice(columns or ())
        if again is not None:
            raise ValueError(f"it names {again!r} twice")
        return columns

    @pydantic.model_validator(mode="after")
    def _delimiter_is_no_quote(self) -> CsvOptions:
        if self.delimiter == self.quote:
            raise ValueError(f"delimiter and quote are both {self.quote!r}")
        if self.comment and self.comment in (self.delimiter, self.quote):
            raise ValueError(f"comment is {self.comment!r}, which means something else already")
        return self

    @property
    def told(self) -> Table | None:
        """What whoever asks a model should know of it; None where all is plain."""
        given = self.model_dump(exclude_defaults=True, exclude={"skip"})
        return Table.model_validate_json(json.dumps(given)) if given else None


_Side = Annotated[int, pydantic.Field(ge=1, le=4_096)]


class PixelsOptions(Section):
    """How the pixels of an image stand in a row of a table."""

    # YAML and JSON know lists only.
    size: Annotated[tuple[_Side, _Side], pydantic.Strict(False)]
    """Height and width. Pixels stand row by row, the colours of each together."""
    channels: Literal[1, 3] = 1
    """1 for grey, 3 for colour."""
    largest: int = pydantic.Field(255, ge=1, le=65_535)
    """What white is."""
    label: Literal["first", "last"] | None = None
    """Where the label stands in files without a line of names; None where there is such a line."""

    @property
    def shape(self) -> tuple[int, ...]:
        """As the feature holds them."""
        return self.size if self.channels == 1 else (*self.size, self.channels)


class FormatOptions(Section):
    """Options of the formats that have any."""

    csv: CsvOptions = CsvOptions()
    pixels: PixelsOptions | None = None
