"""Rows to look at: what a model answered worst, or the data itself."""

from __future__ import annotations

import argparse
import shlex

from documents.shown import cut
from documents.terminal.counted import counted
from inspection.commands.sources import QuestionError, Sources
from inspection.evidence.examples import read_examples, splits_of
from inspection.history.history import History
from inspection.history.ids import Record, resolve, short
from inspection.history.records import Artifact, Step
from inspection.questions.models.mistakes import mistakes_of
from inspection.questions.models.models import model_of
from inspection.questions.models.origin import EXAMPLES
from inspection.reply import Reply, table

MOST_SHOWN = 40
"""Characters of a value in a table."""


def examples(sources: Sources, options: argparse.Namespace) -> Reply:
    history, record = sources.history, resolve(sources.history, options.id)
    data = _data(history, record)
    if data:
        return _rows(sources, data, options)
    if options.split:
        raise QuestionError(
            f"--split {options.split} is of an artifact of examples, and {short(record)} is none; "
            "`python -m inspection list artifacts --type Examples` lists them."
        )
    model = model_of(history, record)
    answer, rows = mistakes_of(history, sources.workspace, model, options.slice, options.last)
    columns = rows.columns if rows else ()
    lines = table(
        ("row", "answer", "is", "given to it", *columns),
        [
            (
                each.row,
                each.answer,
                each.label,
                "" if each.label_score is None else f"{each.label_score:.3f}",
                *(cut(each.values.get(name, ""), MOST_SHOWN) for name in columns),
            )
            for each in answer.lines
        ],
    )
    fell = tuple(
        f"fell: {each}; see `python -m inspection examples {short(record)} --slice"
        f" {shlex.quote(each)}`"
        for each in answer.fallen
    )
    return Reply(answer.headline, answer, (*lines, *fell), 0 if answer.known else 1)


def _data(history: History, record: Record) -> Artifact | None:
    """The examples that are meant; None where a model is."""
    if isinstance(record, Artifact):
        return record if record.type == EXAMPLES else None
    if isinstance(record, Step):
        made = [each for each in history.output_artifacts(record.id) if each.type == EXAMPLES]
        return made[-1] if made else None
    return None


def _rows(sources: Sources, data: Artifact, options: argparse.Namespace) -> Reply:
    splits = splits_of(sources.workspace, data)
    if not splits:
        raise QuestionError(
            f"The rows of {short(data)} are not at hand; name their folder with --root."
        )
    split = options.split or ("eval" if "eval" in splits else splits[0])
    found = read_examples(sources.workspace, data, split, options.slice, options.last)
    if found is None:
        raise QuestionError(f"--split {split}: {short(data)} has {', '.join(splits)}.")
    rows = [
        {"row": number, **dict(zip(found.columns, (cell.text for cell in cells), strict=True))}
        for number, cells in found.rows
    ]
    of = f" with {options.slice}" if options.slice else ""
    among = "all" if found.complete else "the first"
    headline = (
        f"{counted(len(rows), 'row')}{of} of {among} {found.read:,} of split {split} of "
        f"{short(data)}."
    )
    if not rows:
        among = f"the first {counted(found.read, 'row')}" if not found.complete else "the rows"
        headline = f"None of {among} of split {split} of {short(data)} is one{of}."
    if not found.read:
        headline = f"Split {split} of {short(data)} has no rows."
    return Reply(
        headline,
        {"artifact": short(data), "split": split, "read": found.read, "rows": rows},
        table(
            ("row", *found.columns),
            [
                (each["row"], *(cut(str(each[name]), MOST_SHOWN) for name in found.columns))
                for each in rows
            ],
        ),
    )
