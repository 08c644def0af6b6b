"""One of several classes."""

from __future__ import annotations

import difflib
import re
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import pydantic

from documents.cells.cell import Cell, CellError, shown, text_of
from documents.features import Tensor
from documents.settings.section import short_repr
from documents.settings.twice import twice
from models.labels.kind import LabelKind, demand_texts
from models.labels.spelling import by_spelling, spelling

if TYPE_CHECKING:
    from tensorflow_metadata.proto.v0 import schema_pb2

MOST = 10_000
"""Classes; a network with one output for each has no use for more."""

_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{0,18})?").fullmatch

_Name = Annotated[str, pydantic.Field(min_length=1, max_length=200)]


class Classes(LabelKind):
    """An example holds the index of its class among `names`."""

    STORED: ClassVar[str] = "INT"
    COMPARES: ClassVar[bool | None] = True

    kind: Literal["classes"]
    values: list[_Name] | dict[str, _Name]
    """Every class in the order of the outputs; or the name of each by what the data hold for it."""
    first: int | None = pydantic.Field(None, ge=0, le=2**31 - 1)
    """The number of the first class in data that hold numbers, such as IDX files. Else 0, or the
    numbers mean the classes that are called so."""

    _texts = pydantic.field_validator("values", mode="before")(demand_texts)

    @pydantic.model_validator(mode="after")
    def _classes_are_told_apart(self) -> Classes:
        names = self.names
        if not 2 <= len(names) <= MOST:
            raise ValueError(f"values must name 2 to {MOST:,} classes, and name {len(names)}")
        if again := twice(names):
            raise ValueError(f"values name {short_repr(again)} twice")
        if self.first is not None and isinstance(self.values, dict):
            raise ValueError("first is for a list of values; a mapping says itself what is held")
        if self.formula and (len(names) > 2 or isinstance(self.values, dict)):
            raise ValueError("formula tells two classes apart: list them, the one for false first")
        return self

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The classes, in the order of the outputs."""
        values = self.values
        return tuple(values.values() if isinstance(values, dict) else values)

    @cached_property
    def codes(self) -> dict[int, int]:
        """The index of each class by the number that data of numbers hold for it."""
        if not isinstance(self.values, dict):
            return {index + (self.first or 0): index for index in range(len(self.names))}
        return {int(key): index for key, index in self._keys.items() if key.isdecimal()}

    @cached_property
    def _keys(self) -> dict[str, int]:
        return {key: index for index, key in enumerate(self.values)}

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """The index of each class that is called as a number, by that number: pandas writes 1.0
        where a label is missing, and 1 where none is."""
        found: dict[str, list[int]] = {}
        for key, index in self._keys.items():
            if number := _number(key):
                found.setdefault(number, []).append(index)
        return {number: each[0] for number, each in found.items() if len(each) == 1}

    @cached_property
    def _spelled(self) -> dict[str, str]:
        return by_spelling(self._keys)

    @cached_property
    def _held(self) -> dict[int, int]:
        """The index of each class by the number that a table with types holds for it: the names
        that are numbers before places, which nobody means who has a class 1 and a class 2."""
        if isinstance(self.values, dict) or self.first is not None:
            return self.codes
        named = {int(key): at for key, at in self._numbers.items() if "." not in key}
        return named if named.keys() & self.codes.keys() else {**self.codes, **named}

    @property
    def outputs(self) -> dict[str, Tensor]:
        """See LabelKind."""
        return {"probabilities": Tensor(dtype="DT_FLOAT", shape=(-1, len(self.names)))}

    @property
    def answer(self) -> dict[str, Tensor]:
        """See LabelKind; the best class and its probability."""
        return {
            "label": Tensor(dtype="DT_STRING", shape=(-1,)),
            "score": Tensor(dtype="DT_FLOAT", shape=(-1,)),
            **self.outputs,
        }

    def schema_feature(self) -> schema_pb2.Feature:
        """See LabelKind; an index among the declared classes."""
        feature = super().schema_feature()
        domain = feature.int_domain
        domain.min, domain.max, domain.is_categorical = 0, len(self.names) - 1, True
        return feature

    def value(self, cell: Cell) -> int:
        """See LabelKind; the index of the class."""
        if cell is None or cell != cell:  # NaN, in a table with types
            raise CellError("holds no label")
        if self.formula and isinstance(cell, bool):
            return int(cell)
        # Whole numbers are floats in a span in which one is missing.
        is_number = isinstance(cell, (int, float)) and not isinstance(cell, bool)
        if is_number and cell in self._held:
            return self._held[cell]
        text = text_of(cell).strip()
        if not text:
            raise CellError("holds no label")
        index = self._keys.get(text)
        if index is None and (number := _number(text)):
            index = self._numbers.get(number)
        if index is None and (key := self._spelled.get(spelling(text))) is not None:
            index = self._keys[key]
        if index is None:
            close = [key for key in self._keys if key.casefold() == text.casefold()]
            if not _number(text):  # 20 is not meant for 2
                close = close or difflib.get_close_matches(text, self._keys, n=1)
            hint = f" (is it {close[0]!r}?)" if close else ""
            raise CellError(f"holds {shown(text)}, which label.values do not name{hint}")
        return index


def _number(text: str) -> str | None:
    """One spelling of 1, 1.0 and 1.00; None for what is no plain number, such as the code 01."""
    if not _PLAIN(text):
        return None
    whole, _, rest = text.partition(".")
    rest = rest.rstrip("0")
    return f"{whole}.{rest}" if rest else whole
