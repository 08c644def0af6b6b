"""Where the data are, how they are written, and how they are split."""

from __future__ import annotations

import difflib
from typing import Annotated, Literal

import pydantic

from components.example_gen import spans
from components.example_gen.formats.files import split_pattern
from components.example_gen.formats.registry import FORMATS
from components.example_gen.rows.options import RowOptions, RowsSection
from documents.section import Section
from pipeline.paths import LocalPath, address

IDX = "idx"
"""The format of four files of images and labels, which has an ExampleGen of its own."""
_OF_CSV = ("csv", "manifest")


class DataSettings(RowOptions):
    """Where the examples come from and how they are split."""

    format: str = IDX
    """How the files are written: idx, or one of the registry of formats."""
    files: Annotated[str, pydantic.AfterValidator(address)] | None = None
    """For all formats but idx: a file, a folder, or a pattern with *, ?, {SPAN} and {VERSION}."""
    folder: LocalPath | None = None
    """Folder with the four IDX files; None looks in `origin`."""
    source: Literal["auto", "sample"] = "auto"
    """`sample` takes the small set that is bundled with the code."""
    sha256: dict[str, str] = {}
    """Digest per file name, for files in `folder`, or others than those of `origin`."""
    origin: OriginSettings | None = None
    """Where the files can be had when there is no `folder`."""
    sample: SampleSettings | None = None
    pattern: str | None = None
    """Folder below `folder` with the four files of one span, e.g. `span-{SPAN}/v{VERSION}`."""
    span: int | None = pydantic.Field(None, ge=0, le=2**31 - 1)
    """Number of the span to take; None takes the latest."""
    eval_examples: int = pydantic.Field(5_000, ge=256, le=2**31 - 1)
    """How many of the last training images are held out for the Evaluator."""
    sample_config: LocalPath | None = None
    """Settings to run instead when `auto` finds nothing but the bundled sample."""
    shards: int = pydantic.Field(2, ge=1, le=1_000)
    """TFRecord files of the train split, one Beam element each; other splits get files as large."""

    @pydantic.field_validator("pattern")
    @classmethod
    def _pattern_names_a_span(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            spans.check_pattern(pattern)
        return pattern

    @pydantic.model_validator(mode="after")
    def _spans_are_in_a_folder(self) -> DataSettings:
        if self.span is not None and not self.has_spans:
            where = "data.pattern" if self.format == IDX else "{SPAN} in data.files"
            raise ValueError(f"data.span needs {where}, e.g. span-{{SPAN}}")
        if self.pattern is not None and self.sha256:
            raise ValueError("data.sha256 pins one set of files; leave it out with data.pattern")
        if self.source == "sample" and self.sample is None:
            raise ValueError("data.source is sample, but data.sample names none; set its folder")
        if self.pattern is not None and self.source == "sample":
            raise ValueError("the bundled sample has no spans; set data.source to auto")
        return self

    @pydantic.field_validator("format")
    @classmethod
    def _format_is_known(cls, name: str) -> str:
        known = [IDX, *FORMATS]
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"choose among {', '.join(known)}"
            raise ValueError(hint)
        return name

    @pydantic.field_validator("files")
    @classmethod
    def _files_name_one_span(cls, files: str | None) -> str | None:
        if files is not None and spans.has_spans(files):
            spans.check_pattern(split_pattern(files)[1])
        return files

    @pydantic.model_validator(mode="after")
    def _keys_are_of_the_format(self) -> DataSettings:
        others = _OF_ROWS if self.format == IDX else _OF_IDX
        given = [key for key in others if key in self.model_fields_set]
        if self.format == IDX and given:
            raise ValueError(
                f"data.{given[0]} is for other formats than idx; set data.format"
                f" ({', '.join(FORMATS)})"
            )
        if given:
            raise ValueError(f"data.{given[0]} is for format idx, not {self.format}; leave it out")
        if self.format != IDX and self.files is None:
            raise ValueError(
                f"data.format = {self.format} needs data.files: a file, a folder, or a pattern such"
                " as /data/trips/*.csv"
            )
        if "csv" in self.model_fields_set and self.format not in (IDX, *_OF_CSV):
            raise ValueError(f"data.csv is for the formats {' and '.join(_OF_CSV)}")
        return self

    @property
    def has_spans(self) -> bool:
        """Whether the data come in spans."""
        return self.pattern is not None or bool(self.files and spans.has_spans(self.files))

    @property
    def place(self) -> tuple[str, str]:
        """The folder above all patterns and the rest, of every format but idx."""
        assert self.files is not None
        return split_pattern(self.files)

    @property
    def rows(self) -> RowsSection:
        """What ExampleGen is told, of every format but idx."""
        options = RowOptions.model_construct(
            csv=self.csv, split=self.split, quarantine=self.quarantine
        )
        return RowsSection(format=self.format, options=options, shards=self.shards)


_OF_IDX = (
    *("folder", "source", "sha256", "origin", "sample", "sample_config", "pattern"),
    "eval_examples",
)
_OF_ROWS = ("files", "split", "quarantine", "csv")


class OriginSettings(Section):
    """Where a data set can be had that is not in a folder of one's own."""

    installed: LocalPath | None = None
    """Folder in which a package puts the files."""
    package: str | None = pydantic.Field(None, pattern=r"^[a-z0-9][a-z0-9.+-]*$")
    """Name of the Debian package that does so; it is downloaded where it is not installed."""
    url: str | None = pydantic.Field(None, pattern=r"^https?://\S+$")
    """Address below which the files are."""
    sha256: dict[str, str] = pydantic.Field(min_length=1)
    """Digest of every file by its name; what has another one is not taken."""

    @pydantic.model_validator(mode="after")
    def _a_package_has_a_folder(self) -> OriginSettings:
        if self.package and not (self.installed and self.installed.is_absolute()):
            raise ValueError("package needs installed: the folder in which it puts the files")
        return self


class SampleSettings(Section):
    """A small set that is bundled with the code."""

    folder: LocalPath
    """Relative to the repository."""
    sha256: dict[str, str] = {}
