"""`python local_runner.py init`: looks at data and drafts settings for them."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from components.example_gen.formats.format import FormatError
from documents.console import MISTAKE
from documents.shown import shown
from pipeline.init import draft, images, table
from pipeline.paths import absolute, local_path
from pipeline.settings import SettingsError, load_settings

_RARE = 10
SETTINGS, REVIEW = "settings.yaml", "review.csv"
DESCRIPTION = """\
Looks at a folder of images or at a table, and writes NAME/settings.yaml, which reads it, and
NAME/review.csv, which lists what to look at. Nothing is trained."""
Drafted = tuple[dict[str, Any], str, list[str]]
"""Settings, review and findings."""
EXAMPLES = """\
examples:
  python local_runner.py init --images photos
  python local_runner.py init --table trips.csv --label tip --name trips"""


def main(arguments: list[str]) -> int:
    """The exit code: 2 for a mistake, and for data that cannot be read."""
    parser = argparse.ArgumentParser(
        prog="local_runner.py init",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--images", metavar="DIR", help="folder with a folder for each class")
    source.add_argument("--table", metavar="FILE", help="CSV, JSON Lines (.jsonl) or Parquet file")
    parser.add_argument("--label", metavar="COLUMN", help="what is to be predicted of a table")
    parser.add_argument("--name", help="of the pipeline and of the folder that is written")
    parser.add_argument("--force", action="store_true", help="overwrite what is there")
    options = parser.parse_args(arguments)
    if bool(options.table) != bool(options.label):
        parser.error("--table and --label go together")
    try:
        path = absolute(local_path(options.images or options.table))
        name = options.name or _name_of(path.name)
        folder = Path(name)
        _demand_free(folder, options.force)
        draw = _draft_images if options.images else _draft_table
        settings, review, findings = draw(path, name, options.label)
        _write(folder, draft.settings_text(settings, shown(path)), review)
        # What was written is what a run reads, so its mistakes are found now.
        load_settings(folder / SETTINGS)
    except (FormatError, SettingsError, ValueError, OSError) as error:
        print(f"init: {shown(error)}", file=sys.stderr)
        return MISTAKE
    for line in findings:
        print(f"  {line}")
    print(f"\nwrote {folder / SETTINGS} and {folder / REVIEW}; look through them, then run\n")
    print(f"  python local_runner.py --config {shlex.quote(str(folder / SETTINGS))}")
    return 0


def _name_of(text: str) -> str:
    """A name that a pipeline may have."""
    name = re.sub("[^A-Za-z0-9_-]+", "_", text.rpartition(".")[0] or text).strip("_-")
    return name if name[:1].isalpha() else f"data_{name}".rstrip("_")


def _demand_free(folder: Path, force: bool) -> None:
    there = [folder / name for name in (SETTINGS, REVIEW) if (folder / name).exists()]
    if there and not force:
        raise SettingsError(
            f"{shown(there[0])} is there already: choose another --name, or overwrite it with"
            " --force."
        )


def _write(folder: Path, settings: str, review: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SETTINGS).write_text(settings, "utf-8")
    (folder / REVIEW).write_text(review, "utf-8")


def _progress(what: str) -> Callable[[int], None]:
    def tell(number: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{number:,} {what} …", end="", file=sys.stderr, flush=True)

    return tell


def _draft_images(path: Path, name: str, label: str | None) -> Drafted:
    report = images.look(path, _progress("files"))
    if len(report.classes) < 2:
        raise FormatError(f"{shown(path)} holds one class only, so there is nothing to tell apart.")
    total = sum(report.classes.values())
    findings = [f"images         {total:,}", *_classes(report.classes)]
    if report.bad_files:
        first, why = report.bad[0]
        findings.append(f"unreadable     {report.bad_files:,}, such as {shown(first)}: {why}")
    if report.duplicates:
        findings.append(
            f"copies         {report.duplicates:,}, of which {report.contradictions:,} in the"
            " folder of another class"
        )
    return draft.of_images(name, str(path), report), draft.review_of_images(report), findings


def _draft_table(path: Path, name: str, label: str | None) -> Drafted:
    assert label
    report = table.look(path, label, _progress("rows"))
    of = report.label
    if len(of.values) < 2:
        raise FormatError(
            f"Label {shown(label)} has fewer than two values, so there is nothing to tell apart."
        )
    if not report.has_classes and not of.is_number:
        raise FormatError(
            f"Label {shown(label)} is neither a number nor one of at most 100 classes; choose"
            " another column."
        )
    written = ", ".join(f"{key} {value!r}" for key, value in report.csv.items())
    findings = [
        f"rows           {of.rows:,}, of {len(report.columns)} columns",
        f"format         {report.format}{written and ', '}{written}",
        *(_classes(of.values) if report.has_classes else ["label          a number"]),
    ]
    if of.missing:
        findings.append(f"without label  {of.missing:,} rows, which are left out")
    for column, share in report.leaks.items():
        findings.append(
            f"leak?          {shown(column)} alone predicts the label (strength {share:.3f}), so it"
            " is ignored: is it known when a prediction is asked for?"
        )
    if report.bad_rows:
        line, why = report.bad[0]
        findings.append(f"unreadable     {report.bad_rows:,} rows, such as line {line}: {why}")
    if report.duplicates:
        findings.append(
            f"copies         {report.duplicates:,} rows, of which {report.contradictions:,} with"
            " another label"
        )
    return draft.of_table(name, str(path), report), draft.review_of_table(report), findings


def _classes(counts: Counter[str]) -> list[str]:
    head = ", ".join(f"{shown(name)} {count:,}" for name, count in counts.most_common(10))
    more = f" and {len(counts) - 10} more" if len(counts) > 10 else ""
    rare = sum(count < _RARE for count in counts.values())
    warning = [f"rare           {rare} of them with fewer than {_RARE} examples"] if rare else []
    return [f"classes        {len(counts)}: {head}{more}", *warning]
