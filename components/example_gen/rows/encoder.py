"""From the cells of rows to serialized tf.Examples and their splits. Pure."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

from components.example_gen import protobuf
from components.example_gen.formats.format import BadRow, Batch, Columns
from components.example_gen.splits import Choice, SplitOptions
from documents.cells.cell import Cell, CellError
from documents.cells.notation import Notation
from documents.shown import shown
from models.declaration import Declaration
from models.features.kind import FeatureKind
from models.labels.kind import LabelKind, Reader

_REMEMBERED = 100_000
"""Cells of a column whose encoding is kept."""
_SHORT = 64
"""Characters of a cell that is kept."""
_KEPT = frozenset({str, bool, int})
"""Types of such cells; of floats, 0 and -0 are one key."""


def columns_of(declaration: Declaration, split: SplitOptions) -> Columns:
    """What is asked of each row."""
    label = declaration.label.name
    needed = dict.fromkeys([*declaration.used, *declaration.label.columns])
    if split.column is not None:
        needed.setdefault(split.column)
    return Columns(
        needed=tuple(needed),
        label=label,
        of_files=tuple(name for name, kind in declaration.used.items() if kind.READS_FILES),
        known=frozenset([*declaration.features, *needed]),
    )


@dataclasses.dataclass
class Encoded:
    """Some rows as they are written."""

    examples: dict[str, list[bytes]] = dataclasses.field(default_factory=dict)
    """Serialized, by split."""
    bad: list[BadRow] = dataclasses.field(default_factory=list)
    filled: Counter[str] = dataclasses.field(default_factory=Counter)
    """By feature, rows in which it is not missing."""
    labels: dict[str, Counter[int]] = dataclasses.field(default_factory=dict)
    """By split, rows of each class; empty for other kinds of labels."""
    in_unit: set[str] = dataclasses.field(default_factory=set)
    """Columns of which a cell, up to here, has the unit that makes its number another one."""


class Encoder:
    """Encodes what a format reads as the kinds have it."""

    def __init__(self, declaration: Declaration, split: SplitOptions):
        kinds: dict[str, FeatureKind | LabelKind] = {
            **declaration.used,
            declaration.label.name: declaration.label,
        }
        # Deterministic serialization sorts map keys.
        self._columns = {name: _Column(name, kinds[name]) for name in sorted(kinds, key=str.encode)}
        self._label = declaration.label
        self._operands = [
            _Operand(name, self._label.reader(name, declaration.features))
            for name in (self._label.columns if self._label.computed else ())
        ]
        self._split = split
        self._choose: Choice = split.chooser()

    def encode(self, batch: Batch) -> Encoded:
        """The rows of a batch.

        A row that holds a bad cell is bad, and the first of them is its reason.
        """
        result = Encoded(bad=list(batch.bad))
        rows = len(batch.lines)
        reasons: dict[int, str] = {}
        label = self._label.name
        cells = dict(batch.cells)
        if self._label.computed:
            cells[label] = self._computed(batch, reasons)
        elif self._label.columns != (label,):
            cells[label] = self._gathered(batch, reasons)
        entries = {
            name: column.encode(cells[name], reasons) for name, column in self._columns.items()
        }
        examples = list(zip(*entries.values(), strict=True))
        contents = zip(*(of for name, of in entries.items() if name != label), strict=True)
        split_cells = batch.cells[self._split.column] if self._split.column else [None] * rows
        labels: dict[str, list[bytes]] = {}
        for row, (parts, content, cell) in enumerate(
            zip(examples, contents, split_cells, strict=True)
        ):
            if row in reasons:
                continue
            try:
                # Lengths stand in every part, so that the joined bytes tell the parts apart.
                split = self._choose(b"".join(content), cell)
            except CellError as error:
                reasons[row] = f"column {shown(self._split.column)} {error}"
                continue
            result.examples.setdefault(split, []).append(protobuf.example(parts))
            labels.setdefault(split, []).append(entries[label][row])
        for name, of in entries.items():
            missing = of.count(b"") + sum(of[row] != b"" for row in reasons)
            result.filled[name] = rows - missing
        if self._label.STORED == "INT":
            numbers = self._columns[label].values
            result.labels = {
                split: Counter({numbers[of]: count for of, count in Counter(found).items()})
                for split, found in labels.items()
            }
        result.in_unit = {name for name, column in self._columns.items() if column.in_unit}
        for row, reason in sorted(reasons.items()):
            result.bad.append(BadRow(*batch.place(row), reason))
        return result

    def _gathered(self, batch: Batch, reasons: dict[int, str]) -> list[Cell]:
        """The labels that several columns make; adds rows to `reasons`."""
        names = self._label.columns
        found: list[Cell] = []
        for row, cells in enumerate(zip(*(batch.cells[name] for name in names), strict=True)):
            try:
                found.append(self._label.gathered(dict(zip(names, cells, strict=True))))
            except CellError as error:
                reasons[row] = f"column {error}"
                found.append(None)
        return found

    def _computed(self, batch: Batch, reasons: dict[int, str]) -> list[Cell]:
        """The labels that a formula makes; adds rows to `reasons`."""
        formula, numbers = self._label.computed, []
        assert formula
        for operand in self._operands:
            found, wrong = operand.read(batch.cells[operand.name])
            numbers.append(found)
            for row, reason in wrong.items():
                why = f"column {shown(self._label.name)} is computed, and column {reason}"
                reasons.setdefault(row, why)
        names = formula.columns
        return [formula(dict(zip(names, row, strict=True))) for row in zip(*numbers, strict=True)]


class _Operand:
    """A column that a formula computes with; each text is read once."""

    def __init__(self, name: str, read: Reader):
        self.name, self._read = name, read
        self._known: dict[Cell, float | None] = {}

    def read(self, cells: Sequence[Cell]) -> tuple[list[float | None], dict[int, str]]:
        """Numbers, and by row why there is none."""
        numbers: list[float | None] = []
        wrong: dict[int, str] = {}
        keeps = _are_texts(cells)
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        for row, cell in enumerate(cells):
            if keeps and cell in self._known:
                numbers.append(self._known[cell])
                continue
            try:
                number = self._read(cell)
            except CellError as error:
                wrong[row], number = f"{self.name!r} {error}", None
            else:
                if keeps and len(cell) <= _SHORT:
                    self._known[cell] = number
            numbers.append(number)
        return numbers, wrong


class _Column:
    """The cells of one column, each encoded once."""

    def __init__(self, name: str, kind: FeatureKind | LabelKind):
        self.values: dict[bytes, int] = {}
        """Of a label of classes: the class by its entry."""
        self.in_unit = False
        """Whether a cell has the unit that makes its number another one."""
        self._unit = kind.unit if isinstance(kind, Notation) and kind.is_scaled else None
        self._name = name
        self._kind = kind
        self._known: dict[type, dict[Cell, bytes]] = {}
        """By type of the cell: 1 and true are one key."""
        assert kind.STORED
        self._entry = protobuf.encoder(name, kind.STORED)

    def encode(self, cells: Sequence[Cell], reasons: dict[int, str]) -> list[bytes]:
        """An entry for each cell, empty for a missing one; adds rows to `reasons`."""
        # Columns repeat themselves, and what was read once need not be read again.
        types = set(map(type, cells))
        if len(types) != 1 or not types <= _KEPT:
            return [self._encoded(cell, row, reasons) for row, cell in enumerate(cells)]
        known = self._known.setdefault(types.pop(), {})
        found = list(map(known.get, cells))
        if None not in found:
            return found  # type: ignore[return-value]
        if len(known) > _REMEMBERED:
            known.clear()
        entries = []
        for row, (cell, entry) in enumerate(zip(cells, found, strict=True)):
            if entry is None:
                entry = self._encoded(cell, row, reasons)
                if (not isinstance(cell, str) or len(cell) <= _SHORT) and row not in reasons:
                    known[cell] = entry
            entries.append(entry)
        return entries

    def _encoded(self, cell: Cell, row: int, reasons: dict[int, str]) -> bytes:
        try:
            value = self._kind.value(cell)
        except CellError as error:
            reasons.setdefault(row, f"column {shown(self._name)} {error}")
            return b""
        if value is None:
            return b""
        if self._unit is not None and isinstance(cell, str):
            self.in_unit = self.in_unit or self._unit.strip() in cell
        entry = self._entry(value)
        if self._kind.STORED == "INT" and isinstance(value, int):
            self.values[entry] = value
        return entry


def _are_texts(cells: Sequence[Cell]) -> bool:
    return set(map(type, cells)) == {str}
