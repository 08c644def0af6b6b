"""`python local_runner.py init`: looks at data and drafts settings for them."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pydantic

from components.example_gen.formats.files import split_pattern
from components.example_gen.formats.format import FormatError
from documents import writer
from documents.settings.section import refusal
from documents.shown import shown
from documents.terminal.command_line import CommandLine
from documents.terminal.console import MISTAKE
from models.declaration import Declaration
from pipeline.data.rows import found_files
from pipeline.files.paths import absolute, local_path
from pipeline.init import code, draft, findings
from pipeline.init.folders.no_images import of_boxes, of_tables
from pipeline.init.images import idx, images
from pipeline.init.pattern import one_pattern
from pipeline.init.tables import table
from pipeline.init.tables.column_names import column_names
from pipeline.sections.data import DataSettings
from pipeline.settings import NAME, NAME_LENGTH, SettingsError, load_settings
from pipeline.user_code import demand_importable

_SIGNS = re.compile("[*?{]").search
SETTINGS, REVIEW = "settings.yaml", "review.csv"
DESCRIPTION = """\
Looks at a folder of images or at a table, and writes NAME/settings.yaml, which reads it, and
NAME/review.csv, which lists what to look at. Nothing is trained."""
Drafted = tuple[dict[str, Any], str, list[str]]
"""Settings, review and findings."""
EXAMPLES = """\
exit codes:
  0  written
  2  not done: a mistake in the command line, a file that cannot be read or written, or
     data of which nothing can be learned; one sentence says which

examples:
  python local_runner.py init --images photos
  python local_runner.py init --images 'photos/span-{SPAN}'
  python local_runner.py init --table trips.csv --label tip --name trips
  python local_runner.py init --table 'trips/span-{SPAN}.csv' --label tip
  python local_runner.py init --table iris.data --columns length,width,kind --label kind
  python local_runner.py init --manifest houses.csv --label price"""


def main(arguments: list[str]) -> int:
    """The exit code: 2 for a mistake, and for data that cannot be read."""
    options = _options(arguments)
    try:
        folder, names = _init(options)
    except (FormatError, SettingsError, ValueError) as error:
        print(f"init: {shown(error)}", file=sys.stderr)
        return MISTAKE
    except OSError as error:
        # Of a rename the target tells more.
        place = shown(error.filename2 or error.filename or options.name or ".")
        why = error.strerror or shown(error)
        print(
            f"init: {place} cannot be used: {why}; mend that, or choose another.", file=sys.stderr
        )
        return MISTAKE
    *others, last = (str(folder / each) for each in names)
    print(f"\nwrote {', '.join(others)} and {last}; look through them, then run\n")
    print(f"  python local_runner.py --config {shlex.quote(str(folder / SETTINGS))}")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = CommandLine(
        prog="local_runner.py init",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--images",
        metavar="DIR",
        help="folder with a folder for each class, or with IDX files; of spans a pattern in quotes"
        " with {SPAN}",
    )
    source.add_argument(
        "--table",
        metavar="FILE",
        nargs="+",
        help="CSV, JSON Lines (.jsonl) or Parquet: a file, several, a folder of them, or a pattern "
        "in quotes with *, ? and {SPAN}",
    )
    source.add_argument(
        "--manifest",
        metavar="FILE",
        help="CSV or JSON Lines file with paths of images, below its folder, beside other columns",
    )
    parser.add_argument(
        "--label", metavar="COLUMN", help="what is to be predicted of a table or a manifest"
    )
    parser.add_argument(
        "--columns",
        metavar="NAME,NAME,…",
        help="names of the columns, the label's among them, of CSV files without a line of names;"
        " x1..x20 is twenty",
    )
    parser.add_argument(
        "--name",
        help="of the pipeline and of the folder that is written, which may stand in another one",
    )
    parser.add_argument(
        "--code",
        action="store_true",
        help=f"write NAME/{code.FILE}, too: the network, to be edited, and functions to add",
    )
    parser.add_argument("--force", action="store_true", help="overwrite what is there")
    options = parser.parse_args(arguments)
    if bool(options.images) == bool(options.label):
        parser.error("--table and --label go together, as do --manifest and --label")
    if options.images and options.columns is not None:
        parser.error("--columns is for --table and --manifest")
    return options


def _init(options: argparse.Namespace) -> tuple[Path, Sequence[str]]:
    """Writes the draft; the folder that it is in, and the names of its files."""
    files = [options.images or options.manifest] if not options.table else options.table
    path = Path(one_pattern([str(absolute(local_path(file))) for file in files]))
    folder = Path(options.name or _name_of(path))
    name = _demand_name(folder)
    _demand_another(folder, path)
    names = (SETTINGS, REVIEW, code.FILE) if options.code else (SETTINGS, REVIEW)
    _demand_free(folder, names, options.force)
    if options.code:
        demand_importable(absolute(folder / code.FILE))
    if options.images:
        settings, review, found = _draft_images(path, name)
    else:
        settings, review, found = _draft_table(
            path,
            name,
            options.label,
            None if options.columns is None else column_names(options.columns, options.label),
            manifest=bool(options.manifest),
        )
    texts = {REVIEW: review}
    if options.code:
        settings = {"name": name, "code": str(folder / code.FILE), **settings}
        declaration = Declaration.model_validate(
            {key: settings[key] for key in ("features", "label")}
        )
        texts[code.FILE] = code.code_text(name, declaration)
    texts[SETTINGS] = draft.settings_text(settings, shown(path))
    _write(folder, texts)
    for line in found:
        print(f"  {line}")
    _demand_a_feature(settings, folder)
    # What was written is what a run reads, so its mistakes are found now.
    load_settings(folder / SETTINGS)
    return folder, names


def _name_of(path: Path) -> str:
    """A name that a pipeline may have; of a pattern that of the folder above it."""
    folder, pattern = split_pattern(str(path))
    text = Path(folder).name if _SIGNS(pattern) else path.name
    name = re.sub("[^A-Za-z0-9_-]+", "_", text.rpartition(".")[0] or text).strip("_-")
    name = name if name[:1].isalpha() else f"data_{name}".rstrip("_")
    is_taken = _holds(name, path) or (os.path.lexists(name) and not os.path.isdir(name))
    return f"{name}_model" if is_taken else name


def _holds(name: str | Path, path: Path) -> bool:
    """Whether a folder is that of the data."""
    folder, pattern = split_pattern(str(path))
    named = path if path.is_dir() else Path(folder)
    return Path(name).resolve() == named.resolve() and (path.is_dir() or bool(_SIGNS(pattern)))


def _demand_name(folder: Path) -> str:
    """What a pipeline in this folder is called."""
    if not NAME.fullmatch(folder.name) or len(folder.name) > NAME_LENGTH:
        raise SettingsError(
            f"--name {shown(folder)} cannot be the name of a pipeline: use at most {NAME_LENGTH}"
            " letters, digits, - and _, a letter first."
        )
    return folder.name


def _demand_another(folder: Path, path: Path) -> None:
    if _holds(folder, path):
        raise SettingsError(
            f"--name {shown(folder)} is the folder of the data, where settings would be taken for"
            " data: choose another --name."
        )


def _demand_free(folder: Path, files: Sequence[str], force: bool) -> None:
    there = [folder / name for name in files if os.path.lexists(folder / name)]
    if there and not force:
        raise SettingsError(
            f"{shown(there[0])} is there already: choose another --name, or overwrite it with"
            " --force."
        )


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    """Each whole or not at all; the settings last, so that what they name is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        writer.replace(str(folder / name), text.encode())


def _demand_a_feature(settings: Mapping[str, Any], folder: Path) -> None:
    if all(feature["kind"] == "ignore" for feature in settings["features"].values()):
        raise SettingsError(
            f"wrote {shown(folder / SETTINGS)}, but every column in it is ignored, for reasons that"
            f" {shown(folder / REVIEW)} tells; choose another kind for those to learn from."
        )


def _progress(what: str) -> Callable[[int], None]:
    def tell(number: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{number:,} {what} …", end="", file=sys.stderr, flush=True)

    return tell


def _draft_images(path: Path, name: str) -> Drafted:
    folder = _one_folder(path)
    of_idx = idx.look(folder) if folder.is_dir() else None
    report = of_idx or images.look(folder, _progress("files"), str(path))
    if len(report.classes) < 2:
        why = of_boxes(folder) or of_tables(str(folder)) or ", so there is nothing to tell apart"
        raise FormatError(f"{shown(path)} holds one class only{why}.")
    said = findings.of_images(report)
    if of_idx:
        settings = draft.of_idx(name, str(path), of_idx)
    else:
        settings = draft.of_images(name, str(path), report)
    return settings, draft.review_of_images(report), said


def _one_folder(path: Path) -> Path:
    """The folder that is meant; of a pattern that of the latest span."""
    if os.path.lexists(path) or not _SIGNS(str(path)):
        return path
    found = _found(path)
    if len(found) != 1:
        many = f"{len(found)} places, such as {shown(found[0])}" if found else "no folder"
        raise FormatError(
            f"{shown(path)} fits {many}; name the one with a folder for each class, of spans as"
            " in 'photos/span-{SPAN}'."
        )
    return Path(found[0])


def _found(path: Path) -> Sequence[str]:
    """What the path or pattern fits, of the latest span."""
    try:
        data = DataSettings(format="csv", files=str(path))
    except pydantic.ValidationError as error:
        raise SettingsError(refusal(error, DataSettings, prefix="data.")) from error
    return found_files(data, data.place[0])


def _draft_table(
    path: Path, name: str, label: str, columns: list[str] | None, *, manifest: bool
) -> Drafted:
    found = _found(path)
    if not found:
        raise FormatError(f"{shown(path)} fits no file; check the path.")
    report = table.look(found, label, _progress("rows"), columns, manifest=manifest)
    said = findings.of_table(report)
    return draft.of_table(name, str(path), report), draft.review_of_table(report), said
