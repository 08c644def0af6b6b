"""What was read of all ranges together, and whether a model can be trained on it. Pure."""

from __future__ import annotations

import dataclasses
import itertools
import logging
from collections import Counter
from collections.abc import Iterable, Iterator

from components.example_gen.formats.format import BadRow
from components.example_gen.rows.encoder import Encoded
from components.example_gen.shards import EVAL, TRAIN
from components.example_gen.splits import SPLITS, TEST, SplitOptions
from documents.cells.notation import Notation
from documents.shown import shown
from documents.terminal.counted import counted
from models.declaration import Declaration
from models.labels.classes.kind import Classes

_NAMED = 3
"""Bad rows in a sentence."""
_progress = logging.getLogger("progress")


class DataError(ValueError):
    """The data hold nothing to train on, or too much that cannot be read; a sentence."""


@dataclasses.dataclass
class Totals:
    """Counts of rows."""

    examples: Counter[str] = dataclasses.field(default_factory=Counter)
    """By split."""
    filled: Counter[str] = dataclasses.field(default_factory=Counter)
    """By feature, rows in which it is not missing."""
    labels: dict[str, Counter[int]] = dataclasses.field(default_factory=dict)
    """By split, rows of each class."""
    in_unit: set[str] = dataclasses.field(default_factory=set)
    """Columns of which a cell has the unit that makes its number another one."""
    bad: int = 0
    first_bad: list[BadRow] = dataclasses.field(default_factory=list)
    """Those of other reasons before more of the same."""

    def add(self, encoded: Encoded) -> None:
        """Counts some rows more."""
        self.merge(
            Totals(
                Counter({split: len(rows) for split, rows in encoded.examples.items()}),
                encoded.filled,
                encoded.labels,
                encoded.in_unit,
                len(encoded.bad),
                encoded.bad,
            )
        )

    def merge(self, other: Totals) -> None:
        """Counts those of another range, which comes after this one."""
        self.examples.update(other.examples)
        self.filled.update(other.filled)
        for split, counts in other.labels.items():
            self.labels.setdefault(split, Counter()).update(counts)
        self.in_unit |= other.in_unit
        self.bad += other.bad
        both = [*self.first_bad, *other.first_bad]
        reasons: dict[str, BadRow] = {}
        for row in both:
            reasons.setdefault(row.reason, row)
        first = [*itertools.islice(reasons.values(), _NAMED)]
        more = (row for row in both if row not in first)
        self.first_bad = [*first, *itertools.islice(more, _NAMED - len(first))]

    @property
    def rows(self) -> int:
        """All of them."""
        return sum(self.examples.values()) + self.bad


def check(totals: Totals, declaration: Declaration, split: SplitOptions, quarantine: float) -> None:
    """Refuses data that nothing can be learned from.

    Raises:
      DataError: there are no rows, too many bad ones, a split or a feature without any value, or
        one class only.
    """
    if not totals.rows:
        raise DataError("The data hold no rows; put some there, or check data.files.")
    _check_quarantine(totals, quarantine)
    # A column without a value leaves rows alike, which fall into one split.
    for name in declaration.used:
        if not totals.filled[name]:
            raise DataError(
                f"Feature {shown(name)} is empty in all {counted(totals.rows - totals.bad, 'row')};"
                " make it {kind: ignore}, or mend the data."
            )
    _check_units(totals, declaration)
    _check_splits(totals, split)
    if isinstance(declaration.label, Classes):
        _check_classes(totals, declaration.label)


def _check_units(totals: Totals, declaration: Declaration) -> None:
    """Whether numbers may have become others: 0.45 for 45 % in a file without the sign."""
    for name, kind in [*declaration.used.items(), (declaration.label.name, declaration.label)]:
        if not (isinstance(kind, Notation) and kind.is_scaled) or name in totals.in_unit:
            continue
        raise DataError(
            f"No cell of column {shown(name)} has the unit {shown(kind.unit)} that the settings"
            f" declare, so that 0.45 may stand for 45 {shown(kind.unit)}: write the unit, or take"
            " it out of the settings if numbers are meant as they stand."
        )


def _check_quarantine(totals: Totals, quarantine: float) -> None:
    if totals.bad <= quarantine * totals.rows and totals.bad < totals.rows:
        return
    named = "; ".join(_said_once(totals.first_bad))
    more = totals.bad - len(totals.first_bad)
    share = 100 * totals.bad / totals.rows
    raise DataError(
        f"{totals.bad:,} of {counted(totals.rows, 'row')} ({share:.3g} %) cannot be read, which is"
        f" more than data.quarantine = {quarantine:g} lets pass: {named}"
        f"{f'; and {more:,} more' * (more > 0)}; mend the rows or"
        " the settings, or raise data.quarantine to leave them out."
    )


def said(row: BadRow) -> str:
    """A bad row in words: its place and what is the matter."""
    place = shown(row.path) if row.line is None else f"{shown(row.path)}, line {row.line}"
    return f"{place}: {shown(row.reason)}"


def _said_once(rows: Iterable[BadRow]) -> Iterator[str]:
    """As `said`, with the lines of a file together that have one reason."""
    places: dict[tuple[str, str], list[BadRow]] = {}
    for row in rows:
        places.setdefault((row.path, row.reason), []).append(row)
    for first, *others in places.values():
        if others:
            lines = ", ".join(str(row.line) for row in (first, *others))
            yield f"{shown(first.path)}, lines {lines}: {shown(first.reason)}"
        else:
            yield said(first)


def _check_splits(totals: Totals, split: SplitOptions) -> None:
    has_test = bool(split.test_from) if split.by == "time" else split.test > 0
    wanted = [TRAIN, EVAL, *([TEST] if has_test and split.by != "column" else [])]
    empty = [name for name in wanted if not totals.examples[name]]
    if empty:
        found = ", ".join(f"{name} {totals.examples[name]:,}" for name in SPLITS)
        by = {"content": "the same features", "group": f"the same {split.column}"}.get(split.by)
        why = f": rows with {by} fall into one split, so take more that differ" if by else ""
        without = ", or do without by data.split.test=0" * (empty == [TEST] and bool(by))
        raise DataError(
            f"Split {empty[0]} is empty (rows by split: {found}){why or '; take more data'}, or"
            f" change data.split{without}."
        )


def _check_classes(totals: Totals, label: Classes) -> None:
    names = label.names
    in_train = totals.labels.get(TRAIN, Counter())
    if len(in_train) == 1:
        only = names[next(iter(in_train))]
        raise DataError(
            f"Label {shown(label.name)} is {shown(only)!r} in all"
            f" {counted(totals.examples[TRAIN], 'row')} of split train, so there is nothing to tell"
            " apart; take data with other classes too."
        )
    for name in SPLITS:
        if not totals.examples[name]:
            continue
        absent = [shown(of) for place, of in enumerate(names) if not totals.labels[name][place]]
        if absent:
            more = f" and {len(absent) - 10} more" if len(absent) > 10 else ""
            _progress.warning("split %s has no row of %s%s", name, ", ".join(absent[:10]), more)
