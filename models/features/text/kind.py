"""Texts: reviews, remarks, descriptions."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
import pydantic

from documents.cells.cell import UNSEEN, Cell
from documents.cells.texts import text
from documents.features import Input
from models.features.kind import FeatureKind
from models.features.other_texts import other_texts
from models.module_settings import OwnModule

_WRITINGS = (
    "\u5f88\u597d\u5403 とても良い 좋아요 ดีมาก Очень ΚΑΛΟ جيد जब्बर Ñandú İyi ﬁne 😀😀 👍🏽 ❤️ "
    "\u202eabc\u202c \uff11\uff12 جيد טוב კარგი լավ நல்ல బాగుంది ভাল ጥሩ ល្អ ດີ ကောင်း བཟང་ "
    "été ça łódź żeń ★★★ ☺ e\u0301 🇩🇪 1\ufe0f\u20e3 👨\u200d👩\u200d👧 \ufeff\u00ad\ufffd"
).encode()
"""Words without blanks between them, letters of several lengths and directions, marks, emoji."""
_FOREIGN = ("Очень хорошо", "很好吃", "مرحبا بكم", "\U0001f44d \U0001f600")
"""Texts in one writing and no other."""
_SIGNS = (
    "don't don\u2019t \u201cso\u201d a_b a-b a\u2013b a\u00a0b a\u200bb\r\n\tx@y.zz #x $1,234.56 "
    "50% &amp; <b>c</b> https://a.bc/d?e=f co-op. ... !? (g) [h] {i} | \\ 3.0 007 1e3 NaN "
    ":) ;-) :D 13:45 2024-05-06 5/6/24 www.a.bc v1.2 A.B.C. 2nd 10k 4x3 100°C (1) "
    "+49301234567 \x1b[1m\x07\x7f `j` ~k^ *l* §5 ½ €"
).encode()
"""Signs between words and in them."""
_BETWEEN = (
    *("/", "_", ":", "\t", "\u2026", ". ", "\u00a0", "-\n", "+", ";", "&", "|", " (", ") ", "="),
    *("\u2014", "*", "\x00"),
)
"""Signs that part words; of some a program may think that they join them, or that a text ends."""
_ENDINGS = ("s", "ing", "ed", "er", "est", "ly", "'s", "\u2019s", "ooo")
"""What a program may take away to find the stem of a word."""
_AROUND = (
    *((b'"', b'"'), (b"'", b"'"), (b"(", b")"), (b"- ", b""), (b"* ", b""), (b"1. ", b"")),
    *((b"", b"!"), (b"", b"?"), (b"", b"\n"), (b"\n", b""), (b"> ", b""), (b"Re: ", b"")),
    *((b"<p>", b"</p>"), (b"", b" 5/5"), (b"2024-05-06 13:45 ", b""), (b"", b" #1"), (b"", b" x")),
)
"""Signs that stand before and behind whole texts."""
_BLANKS = ("\t", "\u00a0", "\u3000", "\r\n", "\v", "\u2009", "   ")
_TWICE = re.compile(rb"(\w)\1")
_LONG_WORD = 900
"""Bytes of a word without blanks."""
_MIDDLE = 3_000
"""Bytes of an article."""
_LONG = 40_000
"""Bytes of a text that is much longer than those of the data, and than any short integer."""
_PARTED = (b" ", b" ", b" ", b" ", b". ", b", ", b"? ", b": ", b"\n\n")
_LAST = (b"", b"", b".", b",", b"!", b"?")
"""Signs between words of texts that are made by chance, and behind their last one."""
_DRAWN = 2_000
"""Bytes of the longest texts that are made by chance, or nearly so."""


class Text(FeatureKind):
    """One text of any language a row, over several lines or not."""

    STORED: ClassVar[str] = "BYTES"
    LEARNED: ClassVar[frozenset[str]] = frozenset({"vocabulary", "ngrams", "module"})

    kind: Literal["text"]
    vocabulary: int = pydantic.Field(20_000, ge=1, le=10_000_000)
    """How many of the most frequent words and n-grams are told apart."""
    ngrams: int = pydantic.Field(2, ge=1, le=5)
    """Up to how many words in a row count as one."""
    module: OwnModule = None
    """A TensorFlow Hub module that takes string [N], instead of words; a handle alone will do."""
    default: str | None = None
    """What a request may leave out."""

    @pydantic.model_validator(mode="after")
    def _words_are_not_counted(self) -> Text:
        fields = type(self).model_fields
        for key in ("vocabulary", "ngrams") if self.module else ():
            if getattr(self, key) != fields[key].default:
                raise ValueError(f"{key} is for texts without a module; leave it out")
        return self

    def served(self, name: str, *, alone: bool) -> Input:
        """See FeatureKind."""
        return Input(name=name, dtype="DT_STRING", shape=(-1,), missing="")

    def edges(self) -> Mapping[str, bytes]:
        """See FeatureKind."""
        return {"unseen": UNSEEN, "empty": b"", "of many writings": _WRITINGS, "of signs": _SIGNS}

    def variants(self, value: bytes) -> Sequence[bytes]:
        """See FeatureKind; written otherwise, in another order, once more, or much longer."""
        words = value.split()
        return [
            *other_texts(value),
            b" ".join(reversed(words)),
            b", ".join(words) + b"!",
            b"\n".join(words),
            b"  ".join(words),
            b"-".join(words),
            b"".join(words * 9),
            b"".join(words * (1 + _LONG_WORD // (len(value) + 1))),
            _TWICE.sub(rb"\1\1\1", value),
            _in_turn(words, (*_BLANKS, "")),
            _in_turn(words, ("", *_BETWEEN)),
            _in_turn(words, (*(f"{ending} " for ending in _ENDINGS), "")),
            b" ".join(words * 20),
            b" ".join(words * (1 + _MIDDLE // (len(value) + 1))),
            b" ".join(words * (1 + _LONG // (len(value) + 1))),
            b" ".join(words[len(words) // 2 :]),
            b" ".join(words[: len(words) // 2]),
            value[:1] or b"x",
            b",".join(words),
            b"; ".join(words),
            b" ".join(words[:2]),
            b" ".join(words[-1:]) or b"x",
            *(
                b" ".join(words).capitalize() + sign
                for sign in (b".", b"!!!", b"?", b"...", b" :)")
            ),
            b". ".join(word.capitalize() for word in words),
            *(before + value + after for before, after in _AROUND),
            *map(str.encode, _FOREIGN),
            b"\xe2\x80\x9c" + value + b"\xe2\x80\x9d 42 " + UNSEEN,
        ]

    def drawn(self, value: bytes, random: np.random.Generator) -> bytes | None:
        """See FeatureKind; its words in any order and number, as often short as long."""
        words = value.split()
        if not words:
            return None
        most = math.exp(random.uniform(0, math.log(_DRAWN)))
        # At once: one by one takes half a millisecond for each text.
        chosen, parted = random.integers([[len(words)], [len(_PARTED)]], size=(2, int(most) + 1))
        found: bytes = words[chosen[0]]
        for word, sign in zip(chosen[1:].tolist(), parted[1:].tolist(), strict=True):
            if len(found) >= most:
                break
            found += _PARTED[sign] + words[word]
        return found + _LAST[random.integers(len(_LAST))]

    def order(self, value: bytes) -> tuple[int, bytes]:
        """See FeatureKind; by their length."""
        return len(value), value

    def value(self, cell: Cell) -> bytes | None:
        """See FeatureKind; only an empty cell is missing, and a list is the text of its items."""
        found = text(cell)
        return None if found is None else found.encode("utf-8")


def _in_turn(words: Sequence[bytes], signs: Sequence[str]) -> bytes:
    """Words, again and again, until each of the signs has stood behind one."""
    found = b"".join(
        words[place % len(words)] + sign.encode() for place, sign in enumerate(signs) if words
    )
    return found + words[-1] if words else b"x"
