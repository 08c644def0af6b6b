"""What `init` says of what it found, line by line. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping

from components.example_gen.formats.format import FormatError
from documents.shown import shown
from documents.terminal.counted import counted
from pipeline.init.class_findings import first_of, heads, of_classes
from pipeline.init.columns.column import Column
from pipeline.init.columns.findings import nothing, problems
from pipeline.init.columns.tags import words_of
from pipeline.init.images.images import ImagesReport
from pipeline.init.tables.report import TableReport
from pipeline.init.tables.sniff import GUESS
from pipeline.init.tables.split_column import needs_eval

_PLAIN = re.compile(r"[^\W\d_]\w*|\d{4}-\d\d-\d\d").fullmatch
FEW_EXAMPLES = 30
"""Fewer that differ make no three splits with something in each."""


def of_images(report: ImagesReport) -> list[str]:
    """Of a folder of images."""
    found = [*_images(report), *of_classes(report.classes), *_splits(report)]
    if report.companions:
        others = counted(report.companions, "file is", "files are")
        found.append(f"beside         {others} called as an image but for the ending: left out")
    found += _few(report.classes.total() - report.duplicates)
    if report.empty:
        found.append(f"empty          {first_of(report.empty)}: no image, so no class")
    return found


def of_table(report: TableReport) -> list[str]:
    """Of a table, or of a manifest.

    Raises:
      FormatError: its label can be predicted by no model.
    """
    _demand_a_label(report)
    return [
        *_form(report),
        *_label(report),
        *_label_doubts(report),
        *_left_out(report),
        *_features(report),
        *_splits_and_leaks(report),
        *_rows(report),
        *_few(report.label.rows - report.duplicates),
    ]


def _demand_a_label(report: TableReport) -> None:
    of = report.label
    if len(of.values) < 2 and not report.tags:
        raise FormatError(
            f"Label {shown(of.name)} has fewer than two values, so there is nothing to tell apart"
            f"{report.lost}."
        )
    if not report.has_classes and not report.tags and of.label_notation is None:
        many = f"{len(of.values):,} different texts in {of.filled:,} rows"
        odd = of.nearly_said or f"more than {many}" if of.overflows else of.nearly_said or many
        raise FormatError(
            f"Label {shown(of.name)} is neither a number nor a class that comes again and again"
            f" ({odd}); {_instead(of)}."
        )
    if not report.has_classes and not report.tags and of.scale_apart:
        raise FormatError(f"Label {shown(of.name)} holds {of.scale_apart}.")


def _form(report: TableReport) -> list[str]:
    """How much of what it is, and how it is written."""
    written = ", ".join(
        "columns as they are given" if key == "columns" else f"{key} {value!r}"
        for key, value in report.csv.items()
    )
    found = [
        f"rows           {report.label.rows:,}, of {counted(len(report.columns), 'column')}",
        f"format         {report.format}{written and ', '}{written}",
    ]
    if report.csv.get("encoding") == GUESS:
        found.append(
            f"encoding?      no UTF-8, so {GUESS} is a guess: look at letters beyond ASCII in names"
            " and classes, and set data.csv.encoding if they are others"
        )
    return found


def _label_doubts(report: TableReport) -> list[str]:
    """Which rows have no label, and what the label may be meant as."""
    of, found = report.label, []
    if of.missing and not report.tags:
        left = Counter({word: n for word, n in of.nothings.items() if word not in of.taken})
        how = f": {heads(left)} means nothing" if left else ""
        rows = counted(of.missing, "row, which is", "rows, which are")
        found.append(f"without label  {rows} left out{how}")
    if of.taken and not report.tags:
        found.append(
            f"none?          {heads(of.taken)}: a class here; if it is none, take it out of"
            " label.values and let data.quarantine pass its rows"
        )
    if not report.tags and not report.has_classes and of.no_numbers:
        found.append(f"no number?     {shown(of.name)}: {of.nearly_said}; their rows are left out")
    if not report.tags and not report.has_classes:
        found += nothing(of, "label")
        if of.far:
            listed = ", ".join(f"{number:g}" for number in of.far)
            found.append(
                f"far?           {shown(of.name)}: {listed}, far from all others, so that the mean"
                " and what is learned depend on little else; take the rows away if it is a mistake"
            )
    if report.has_classes and of.is_number and len(of.values) > 2 and not report.names:
        found.append(
            "numbers?       the classes are numbers: make the label's kind number if more is more"
        )
    if report.has_classes and (words := words_of(of)):
        found.append(
            f"tags?          the classes are {words} words in {len(of.values)} combinations: if"
            " several hold at once, declare kind tags with separator ' ' (docs/settings.md)"
        )
    if report.flags:
        listed = first_of([of.name, *report.flags])
        found.append(
            f"tags?          {listed} say yes or no alike: if all are answers, take the label of"
            " kind tags in review.csv, make them {kind: ignore} and leave evaluation out; else the"
            " others have to be known when a prediction is asked for"
        )
    return found


def _left_out(report: TableReport) -> list[str]:
    """Columns that are no features."""
    found = []
    if report.nameless:
        listed = first_of([f"column {at}{name and ' '}{name[:20]}" for at, name in report.nameless])
        found.append(f"no name        {listed}: left out; give names that a feature may have")
    if report.seldom:
        found.append(f"seldom         {first_of(report.seldom)}: in hardly a row, so left out")
    if report.new:
        found.append(
            f"new            {first_of([*report.new])}, not in the first file, so left out; in"
            f" {shown(next(iter(report.new.values())))}"
        )
    return found


def _features(report: TableReport) -> list[str]:
    """What the columns hold."""
    found = []
    features = report.columns[:-1]
    if report.pixels:
        found.append(f"pixels         {report.pixels.said}; all other columns are ignored")
        features = []
    if coded := [of.name for of in features if of.code and of.code in of.proposal[1]]:
        found.append(
            f"codes?         {first_of(coded)}: whole numbers that read as codes, so no numbers;"
            " see review.csv"
        )
    for asked in report.columns if not report.has_classes else features:
        cell = report.two_ways.get(asked.name)
        if cell and asked.name not in report.ignored and asked.notation.reads(cell):
            found.append(
                f"thousands?     {shown(asked.name)}: {shown(repr(cell))} is read as"
                f" {float(asked.notation.plain(cell)):,g}; if it is another number, change decimal"
                " and thousands"
            )
    for feature in features:
        if feature.name not in report.ignored:
            found += problems(feature)
        if feature.images:
            found += [f"of column      {shown(feature.name)}", *_images(feature.images)]
    return found


def _splits_and_leaks(report: TableReport) -> list[str]:
    """What columns are besides features."""
    found = []
    if report.split:
        name, sizes = report.split
        found.append(_sizes(sizes, needs_eval(sizes), f"by column {shown(name)}"))
    if report.in_time:
        pairs = ", ".join(f"{key}: {_yaml(of)}" for key, of in report.in_time.items())
        found.append(
            f"in time?       rows stand in the order of {shown(report.in_time['column'])}: if what"
            f" comes later is to be predicted, data.split: {{{pairs}}}"
        )
    for name, why in report.unseen.items():
        found.append(f"no images?     {shown(name)} {why}")
    if report.counters:
        found.append(
            f"row numbers    {first_of(report.counters)}: ignored, as nothing is learned of them"
        )
    for column, share in report.leaks.items():
        found.append(
            f"leak?          {shown(column)} alone predicts the label (strength {share:.3f}), so it"
            " is ignored: is it known when a prediction is asked for?"
        )
    features = report.columns[:-1]
    groups = [] if report.split else [of for of in features if of.is_of_groups]
    for of in sorted(groups, key=lambda of: of.name not in report.leaks)[:1]:
        name = shown(of.name)
        so = f"all rows of one {name} have the same label: if they are of one thing"
        if of.name not in report.leaks:
            so = f"{name} has {len(of.values):,} different values: if new ones will be asked about"
        found.append(
            f"groups?        {so}, keep the rows of each in one split by data.split: {{by: group,"
            f" column: {_yaml(name)}}}"
        )
    if report.parts:
        found.append(
            f"leak?          {first_of(report.parts)} together make the label, so they are ignored:"
            " are they known when a prediction is asked for?"
        )
    return found


def _rows(report: TableReport) -> list[str]:
    """Rows that are odd."""
    found = []
    if report.bad_rows:
        line, why = report.bad[0]
        found.append(
            f"unreadable     {counted(report.bad_rows, 'row')}, such as line {line}: {why}"
        )
    if units := [of for of in report.columns if of.begins_otherwise]:
        listed = ", ".join(f"{shown(repr(of.first))} of {shown(of.name)}" for of in units[:3])
        found.append(
            f"units?         the first row holds {listed}, and all others numbers: take it away if"
            " it says units or goes on with the header"
        )
    for line, cell in report.totals:
        found.append(
            f"total?         the last row, line {line}, says {shown(repr(cell))}: if it sums up the"
            " others, take it away, else it is learned from or cannot be read"
        )
    if report.duplicates:
        found.append(
            f"copies         {counted(report.duplicates, 'row')}, of which "
            f"{report.contradictions:,} with another label"
        )
    return found


def _yaml(text: str) -> str:
    """A text as it stands in YAML between braces."""
    return text if _PLAIN(text) else json.dumps(text, ensure_ascii=False)


def _few(different: int) -> list[str]:
    """What few examples mean for splits by content."""
    if different >= FEW_EXAMPLES:
        return []
    return [
        f"few            {different:,} different examples: equal ones fall into one split, so one"
        " may be empty, and figures say little"
    ]


def _splits(report: ImagesReport) -> list[str]:
    """What folders of splits hold, and what is missing there."""
    if not report.has_splits:
        return []
    sizes = {name: classes.total() for name, classes in report.splits.items()}
    found = [_sizes(sizes, report.needs_eval, "as in the folders")]
    for split, classes in report.splits.items():
        if lost := sorted(report.classes.keys() - classes.keys()):
            found.append(f"not in {split:<8}{first_of(lost)}: no image there")
    return found


def _sizes(sizes: Mapping[str, int], needs_eval: bool, how: str) -> str:
    listed = ", ".join(f"{name} {size:,}" for name, size in sizes.items())
    added = "; some of train are added to eval" * needs_eval
    return f"splits         {listed}, {how}{added}"


def _images(report: ImagesReport) -> list[str]:
    height, width = report.size
    colours = "coloured" if report.is_coloured else "grey"
    found = [
        f"images         {sum(report.classes.values()):,}, {colours}, read as {height} x {width}"
    ]
    if report.bad_files:
        first, why = report.bad[0]
        found.append(f"unreadable     {report.bad_files:,}, such as {shown(first)}: {shown(why)}")
    if report.duplicates:
        found.append(
            f"copies         {report.duplicates:,}, of which {report.contradictions:,} of another"
            " class"
        )
    return found


def _instead(label: Column) -> str:
    """What to do about a label of which none can be made."""
    if label.dates:
        return "it holds dates, of which label.formula makes a number, such as due - start"
    if label.are_times:
        return "it holds times: write them as numbers, such as minutes of the day"
    return f"choose another column{label.more_than_words.replace('; ', ', or mend it: ', 1)}"


def _label(report: TableReport) -> list[str]:
    if report.tags:
        head = ", ".join(f"{shown(tag)} {count:,}" for tag, count in report.tags.most_common(10))
        more = f" and {len(report.tags) - 10} more" if len(report.tags) > 10 else ""
        found = [f"tags           {len(report.tags)}, any number a row: {head}{more}"]
        if report.no_tags:
            found.append(
                f"no tag         {heads(report.no_tags)}, never beside another: taken for none; if"
                " it is one, move it from label.missing to label.values"
            )
        return found
    if not report.has_classes:
        return ["label          a number"]
    counts = report.label.values
    return of_classes(Counter({report.names.get(of, of): n for of, n in counts.items()}))
