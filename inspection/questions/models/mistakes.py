"""What a model answered worst, row by row."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import ClassVar

from documents.mistakes import Mistakes
from documents.slice import OVERALL
from documents.terminal.counted import counted
from inspection.answer import Answer
from inspection.evidence.examples import Rows, read_places
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.ids import short
from inspection.history.records import Artifact
from inspection.questions.models.evaluations import measured_by
from inspection.questions.models.origin import EXAMPLES


@dataclasses.dataclass(frozen=True)
class MistakeLine:
    """One row of the data that was answered wrong."""

    row: int
    """Its number in the split, from 0."""
    answer: str
    label: str
    """What is right."""
    wrongness: float | None
    """Probability of the wrong class, distance of the number; None where it is none."""
    label_score: float | None
    """The probability that the right class was given."""
    values: Mapping[str, str]
    """Of the row's features; empty where the data is not at hand."""


@dataclasses.dataclass(frozen=True)
class MistakesAnswer(Answer):
    """The worst answers of one model, the worst one first."""

    ROWS: ClassVar[str] = "lines"

    model: str
    """Short id."""
    known: bool
    """Whether it was kept what was answered worst."""
    split: str = ""
    examples: int = 0
    """How many of the split were looked at."""
    wrong: int = 0
    kind: str = ""
    """Of the label."""
    slice: str = ""
    """The only one that the lines are of; empty for all."""
    lines: tuple[MistakeLine, ...] = ()
    fallen: tuple[str, ...] = ()
    """Slices that missed a limit."""
    kept: int = 0
    """How many were kept of the slice, or in all."""

    @property
    def _examples(self) -> str:
        return counted(self.examples, f"{self.split} example")

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        if not self.known:
            return (
                f"What {self.model} answered worst was not kept: the Trainer of this pipeline does "
                "so since this release, and no other; `python -m inspection examples ARTIFACT` "
                "shows rows of the data."
            )
        if not self.wrong:
            return f"{self.model} answered all {self._examples} right."
        first = self.lines[0] if self.lines else None
        at_worst = f"row {first.row} is {first.label}, answered {first.answer}" if first else ""
        if self.slice:
            kept = counted(self.kept, "row is", "rows are")
            kept = f"Of what {self.model} answered worst, {kept} of {self.slice}"
            return f"{kept}: {at_worst}." if first else f"{kept}."
        of = self._examples
        if self.kind == "number":
            return f"{self.model} was furthest off, of {of}, where {at_worst}."
        share = self.wrong / self.examples
        return f"{self.model} answered {self.wrong:,} of {of} wrong ({share:.1%}); {at_worst}."


def mistakes_of(
    history: History,
    workspace: Workspace,
    model: Artifact,
    slice: str = "",
    most: int | None = None,
) -> tuple[MistakesAnswer, Rows | None]:
    """What a model answered worst, and the rows of the data by their numbers, where at hand.

    Args:
      history: where the model is.
      workspace: holds its files, and the data.
      model: the model.
      slice: `feature=value`; only its rows.
      most: how many at most.
    """
    document = workspace.read(Mistakes, model.uri)
    if document is None:
        return MistakesAnswer(short(model), known=False), None
    producer = history.producer(model.id)
    given = history.input_artifacts(producer.id) if producer else ()
    data = [each for each in given if each.type == EXAMPLES]
    places = [each.place for each in document.worst]
    rows = read_places(workspace, data, document.split, places, slice) if places else None
    cells = dict(rows.rows) if rows else {}
    fitting = [each for each in document.worst if not slice or each.place in cells]
    lines = tuple(
        MistakeLine(
            each.place,
            each.answer,
            each.label,
            each.wrongness,
            each.label_score,
            {
                name: cell.text
                for name, cell in zip(rows.columns, cells.get(each.place, ()), strict=False)
            }
            if rows
            else {},
        )
        for each in fitting[:most]
    )
    answer = MistakesAnswer(
        short(model),
        True,
        document.split,
        document.examples,
        document.wrong,
        document.kind,
        slice,
        lines,
        _fallen(history, workspace, model),
        len(fitting),
    )
    return answer, rows


def _fallen(history: History, workspace: Workspace, model: Artifact) -> tuple[str, ...]:
    """Slices on which an evaluation of the model missed a limit, the last evaluation's."""
    readers = [event.step for event in history.events_of(model.id) if event.direction == "input"]
    for step in sorted({*readers}, reverse=True):
        metrics = measured_by(history, workspace, step)
        if metrics:
            fell = (each.slice for each in metrics if each.ok is False and each.slice != OVERALL)
            return tuple(dict.fromkeys(fell))
    return ()
