"""Categories: words and codes that are equal or not."""

from __future__ import annotations

import collections
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
import pydantic

from documents.cells.cell import UNSEEN, Cell, CellError, shown
from documents.cells.texts import category, truth, whole
from documents.features import Input, Seen
from models.features.kind import FeatureKind
from models.features.other_texts import other_texts

LONGEST = 1_000
"""Bytes of one category; what is longer is a text."""
_SHOWN, _RARE = 100, 2
_LONG = 300
"""Bytes of a category that is much longer than usual."""
_NO_NOTHING = (
    *("NA", "N/A", "null", "None", "-", "unknown", "undefined", "nil", "?", ".", "--", "#N/A"),
    *("(blank)", "na", "none", "NULL", '""', "\t", "\u00a0"),
)
"""Missing elsewhere, and categories here: NA may be Namibia."""
_KEYS = "abcdefghijklmnopqrstuvwxyzABCXYZäöé0123456789 .,-_/'"
_NEVER_SEEN = (
    *(b"q", b"7", b"-1", b"2024", b"3.5", b"true", b"Q-17", b"something else", b"Z" * 40),
    *(b"yes", b"1", b"2024-05-06", b"Z" * 600),
)
"""Categories that most data do not have; where they do, they are known words."""
_TRUTHS = (
    *(b"1", b"0", b"yes", b"no", b"True", b"FALSE", b"y", b"N", b"t", b"f", b"on", b"off", b"1.0"),
    *(b"0.0", b"Yes", b"-1", b"T", b"true ", b"2"),
)
"""What tables and programs write for true and false, and models know none of."""
_AROUND = (
    *((b'"', b'"'), (b"'", b"'"), (b"(", b")"), (b'["', b'"]'), (b"<b>", b"</b>"), (b"*", b"*")),
    *((b"#", b""), (b"@", b""), (b"x: ", b""), (b"the ", b""), (b"\xc2\xa0", b"")),
    *((b"", b"!"), (b"", b";"), (b"", b"|x"), (b"", b" 2"), (b"", b" & Co"), (b"", b", Ltd.")),
    *(
        (before.encode(), behind.encode())
        for before, behind in (
            *(("\u200e", ""), ("", "\u200f"), ("", "\u3000"), ("\u00a0", "\u00a0"), ("", "\f")),
            *(("\0", ""), ("~", ""), ("\\", ""), ("$", ""), ("\u20ac", ""), ("\u00ab", "\u00bb")),
            *(("\u201c", "\u201d"), ("", " \U0001f600"), ("", "%"), ("+", ""), ("\u2013", "")),
            *(("", " \u2014"), ("", "\u2028"), ("", "_")),
        )
    ),
    *((b"x/", b""), (b"x", b""), (b"other - ", b""), (b"", b"\n"), (b"", b" (old)"), (b"", b"?")),
)
"""Signs and words that other programs write around a text, and drop."""


class Category(FeatureKind):
    """One short text a row, taken as it stands but for the blanks around it."""

    STORED: ClassVar[str] = "BYTES"
    LEARNED: ClassVar[frozenset[str]] = frozenset({"vocabulary"})

    kind: Literal["category"]
    vocabulary: int = pydantic.Field(1_000, ge=1, le=1_000_000)
    """How many of the most frequent categories are told apart; the others are one."""
    boolean: bool = False
    """Cells say true or false, which are the categories `true` and `false` whatever type and
    spelling a span has for them: true, True, 1, yes. Anything else is a bad row."""
    whole: bool = False
    """Whole numbers are the same categories with and without a fraction: 1.0 is 1, as in a span
    where a cell of the column is empty. What is no number stays as it is."""
    default: str | None = None
    """What a request may leave out."""

    @pydantic.model_validator(mode="after")
    def _default_is_a_category(self) -> Category:
        if self.boolean and self.default not in (None, "", "true", "false"):
            raise ValueError(
                f"default = {self.default!r} is neither 'true' nor 'false', as boolean has them"
            )
        return self

    @pydantic.model_validator(mode="after")
    def _is_read_in_one_way(self) -> Category:
        if self.boolean and self.whole:
            raise ValueError("boolean and whole are two ways to read a cell: leave one of them out")
        return self

    def served(self, name: str, *, alone: bool) -> Input:
        """See FeatureKind."""
        return Input(name=name, dtype="DT_STRING", shape=(-1,), missing="")

    def seen(self, values: Sequence[bytes]) -> Seen | None:
        """See FeatureKind; what is frequent, but nothing that stands for one or two rows."""
        ranked = collections.Counter(values).most_common(_SHOWN)
        found = [value.decode("utf-8", "replace") for value, count in ranked if count > _RARE]
        return Seen(values=tuple(found)) if found else None

    def edges(self) -> Mapping[str, bytes]:
        """See FeatureKind."""
        return {"unseen": UNSEEN, "empty": b""}

    def variants(self, value: bytes) -> Sequence[bytes]:
        """See FeatureKind; none of these is the same category to a model."""
        return [
            *other_texts(value),
            b"0" + value,
            value.lstrip(b"0") or b"00",
            value + b".0",
            value + b"-0001",
            value + b"\t",
            value + b"\xc2\xa0",
            value + b"\r",
            *(before + value + after for before, after in _AROUND),
            *(sign.join(value.split()) for sign in (b"  ", b"_", b"-", b"")),
            value[:1] + b"\xc2\xad" + value[1:],
            value[:-1] + b"e",
            b"X" + value[1:],
            value[:1] + b"u" + value[2:],
            value[1:] or b"y",
            value[:-1] or b"z",
            value.replace(b"o", b"0").replace(b"l", b"1"),
            *(
                sign.join(value[place : place + 1] for place in range(len(value)))
                for sign in (b".", b" ")
            ),
            value[:1] + value[2:],
            value[:1] + value[2:3] + value[1:2] + value[3:],
            value[:1],
            value + value[-1:],
            b" ".join((value, value)),
            value.replace(b" ", b"\n"),
            value.replace(b".", b""),
            value.replace(b"&", b"and"),
            *(value + sign + b"1" for sign in (b",", b"=", b"/", b":", b"%20")),
            value * (1 + _LONG // (len(value) + 1)),
            *(nothing.encode() for nothing in _NO_NOTHING),
            *_NEVER_SEEN,
            *(_TRUTHS if self.boolean else ()),
            *(value + part for part in (b".00", b".5", b".", b",0", b"e0", b"0") if self.whole),
            *(sign + value for sign in (b"+", b"-") if self.whole),
        ]

    def drawn(self, value: bytes, random: np.random.Generator) -> bytes | None:
        """See FeatureKind; with a slip or two of a finger on the keys, wherever they are."""
        text = value.decode("utf-8", "replace")
        for _ in range(random.integers(1, 3)):
            place, key = int(random.integers(len(text) + 1)), _KEYS[random.integers(len(_KEYS))]
            before, at, behind = text[:place], text[place : place + 1], text[place + 1 :]
            slips = (before + key + at + behind, before + key + behind, before + behind)
            text = (*slips, before + behind[:1] + at + behind[1:])[random.integers(4)]
        return text.encode() or None

    def value(self, cell: Cell) -> bytes | None:
        """See FeatureKind; only an empty cell is missing, since NA may be Namibia, but for those
        that say true or false."""
        read = truth if self.boolean else whole if self.whole else category
        found = read(cell)
        if found is None:
            return None
        value = found.encode("utf-8")
        if len(value) > LONGEST:
            raise CellError(f"holds {shown(cell)}, longer than a category; make the column a text")
        return value
