"""Tags: any number of them at once."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import pydantic

from documents.cells.cell import NOTHING, Cell, CellError, shown, text_of
from documents.features import Tensor
from documents.questions import Tagging
from documents.settings.section import short_repr
from documents.settings.twice import twice
from models.labels.classes.kind import MOST
from models.labels.kind import LabelKind, demand_texts
from models.labels.spelling import by_spelling, spelling

if TYPE_CHECKING:
    from tensorflow_metadata.proto.v0 import schema_pb2

_SAID = {
    **dict.fromkeys(("1", "1.0", "true", "yes", "y", "t", "x"), True),
    **dict.fromkeys(("0", "0.0", "false", "no", "n", "f", ""), False),
}
"""What a column of flags may hold, in lower case."""
_LONGEST_LIST = 10_000
"""Characters of a list that is written down."""
_IN_BRACKETS = re.compile(r"(?:<[^<>]+>)+")
"""Tags as Stack Exchange writes them."""
_Name = Annotated[str, pydantic.Field(min_length=1, max_length=200)]


class Tags(LabelKind):
    """An example holds the tags of its row, each once, in the order of `values`."""

    STORED: ClassVar[str] = "BYTES"

    kind: Literal["tags"]
    values: list[_Name] = pydantic.Field(min_length=1, max_length=MOST)
    """Every tag in the order of the outputs."""
    separator: str = pydantic.Field("|", min_length=1, max_length=10)
    """Stands between the tags of a row, in the data and in answers."""
    flags: dict[str, _Name] = pydantic.Field({})
    """Columns that say whether a row has a tag, and the tag of each; instead of one column."""
    missing: list[_Name] | None = None
    """What says that a row has no tag, such as `(no genres listed)`, in any case."""
    threshold: float = pydantic.Field(0.5, gt=0, lt=1)
    """The least probability with which a tag is one of those that are answered."""

    _texts = pydantic.field_validator("values", "missing", mode="before")(demand_texts)

    @pydantic.model_validator(mode="after")
    def _tags_are_told_apart(self) -> Tags:
        if again := twice(self.values):
            raise ValueError(f"values name {short_repr(again)} twice")
        undeclared = next((tag for tag in self.flags.values() if tag not in self.values), None)
        if undeclared is not None:
            raise ValueError(f"flags name the tag {short_repr(undeclared)}, which values do not")
        both = next((tag for tag in self.values if self._says_nothing(tag)), None)
        if both is not None:
            raise ValueError(
                f"{short_repr(both)} is in values and in missing: leave one of them out"
            )
        split = next((name for name in self.values if self.separator in name), None)
        if split is not None:
            raise ValueError(
                f"separator {short_repr(self.separator)} is in the tag {short_repr(split)}"
            )
        return self

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The tags, in the order of the outputs."""
        return tuple(self.values)

    @property
    def columns(self) -> tuple[str, ...]:
        """See LabelKind."""
        return tuple(self.flags) or super().columns

    def gathered(self, cells: Mapping[str, Cell]) -> Cell:
        """See LabelKind; the tags whose columns say so."""
        found = []
        for column, tag in self.flags.items():
            cell = cells[column]
            text = "" if cell is None or cell != cell else text_of(cell).strip().lower()
            if text not in _SAID:
                raise CellError(f"{column!r} holds {shown(cell)}, neither 1 nor 0")
            if _SAID[text]:
                found.append(tag)
        return found

    @cached_property
    def _spelled(self) -> dict[str, str]:
        return by_spelling(self.values)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.values)}

    @property
    def outputs(self) -> dict[str, Tensor]:
        """See LabelKind."""
        return {"probabilities": Tensor(dtype="DT_FLOAT", shape=(-1, len(self.values)))}

    @property
    def answer(self) -> dict[str, Tensor]:
        """See LabelKind; `tags` are the likely ones of a row, as its cell would hold them."""
        return {"tags": Tensor(dtype="DT_STRING", shape=(-1,)), **self.outputs}

    @property
    def tagging(self) -> Tagging:
        """See LabelKind."""
        return Tagging(threshold=self.threshold, separator=self.separator)

    def schema_feature(self) -> schema_pb2.Feature:
        """See LabelKind; the declared tags, or none."""
        from tensorflow_metadata.proto.v0 import schema_pb2

        feature = schema_pb2.Feature(name=self.name, type=schema_pb2.BYTES)
        feature.presence.min_count = 1
        feature.value_count.max = len(self.values)
        feature.string_domain.value.extend(self.values)
        return feature

    def value(self, cell: Cell) -> list[bytes]:
        """See LabelKind. A cell that is empty or holds a word for nothing is a row without any tag;
        a list has them apart, also one that is written as JSON or Python write it."""
        if cell is None or cell != cell:  # NaN, in a table with types
            return []
        if not (isinstance(cell, str) and (cell in self._places or self._says_nothing(cell))):
            if isinstance(cell, str) and cell.strip().lower() in NOTHING:
                return []
            cell = listed(cell)
        parts = cell if isinstance(cell, (list, tuple)) else text_of(cell).split(self.separator)
        # A list of a table with types may hold nothing, too.
        found = {text_of(part).strip() for part in parts if part is not None} - {""}
        if not found <= self._places.keys():
            found = {self._spelled.get(spelling(tag), tag) for tag in found}
        unknown = sorted(tag for tag in found - self._places.keys() if not self._says_nothing(tag))
        if unknown:
            raise CellError(f"holds the tag {shown(unknown[0])}, which label.values do not name")
        known = sorted(found & self._places.keys(), key=self._places.__getitem__)
        return [name.encode("utf-8") for name in known]

    def _says_nothing(self, tag: Cell) -> bool:
        if not self.missing or not isinstance(tag, str):
            return False
        return tag.strip().lower() in self._missing_words

    @cached_property
    def _missing_words(self) -> frozenset[str]:
        return frozenset(word.strip().lower() for word in self.missing or ())


def listed(cell: Cell) -> Cell:
    """The list of texts that a text writes down, such as `["a", "b"]`, `{"choices": ["a"]}` as
    Label Studio does, or `<a><b>`; else the cell."""
    text = cell.strip() if isinstance(cell, str) and len(cell) <= _LONGEST_LIST else ""
    if _IN_BRACKETS.fullmatch(text):
        return text[1:-1].split("><")
    if not (text and text[0] + text[-1] in ("[]", "{}")):
        return cell
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return cell
    if isinstance(found, dict) and len(found) == 1:
        [found] = found.values()
    is_list = isinstance(found, list) and all(isinstance(item, str) for item in found)
    return found if is_list else cell
