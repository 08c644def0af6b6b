"""How numbers are written in a table: `1,234.5`, `1.234,5 €`, `12 %`."""

from __future__ import annotations

import functools
import re
from functools import cached_property
from typing import Annotated, Literal

import pydantic

from documents.cells import durations
from documents.cells.cell import CellError, shown
from documents.settings.section import Section, short_repr

_NUMBER = re.compile(r"[+-]?(\d+)?(\.\d*)?([eE][+-]?\d+)?", re.ASCII)
_PLAIN = re.compile(r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII).fullmatch
"""A number as Python writes it, and no code: most cells of most tables are such."""
_DASHES = "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"
_UNIT = re.compile(rf"[^\d\s.,'+{_DASHES}-][^\d.,'+{_DASHES}-]{{0,9}}")
_NUMERAL = re.compile(r"\d", re.ASCII)
_USUAL_UNIT = re.compile(r"[^\W\d_]|[ %‰°/·²³µ″\u20a0-\u20cf$¢£¥]")
"""A sign of units that are proposed: `<5` and `#5` are more than a number and its unit."""
_CURRENCIES = frozenset(
    {
        *("USD", "EUR", "GBP", "CHF", "JPY", "CNY", "RMB", "INR", "AUD", "CAD", "NZD", "SGD"),
        *("HKD", "TWD", "KRW", "THB", "MYR", "IDR", "VND", "PKR", "BDT", "AED", "SAR", "ILS"),
        *("RUB", "UAH", "PLN", "CZK", "HUF", "RON", "SEK", "NOK", "DKK", "ISK", "ZAR", "NGN"),
        *("KES", "EGP", "BRL", "MXN", "ARS", "CLP", "SFr", "kr", "Kr", "Rs", "Rp"),
    }
)
"""Letters that stand before an amount, and seldom before the number of a thing."""
_MONEY = "$¢£¤¥€₹₽₩₺"
_FILE = re.compile(r"\.[^\W\d_]")
_ZEROS = "\u0660\u06f0\u0966\u09e6\u0e50\uff10"
"""Of Arabic, Persian, Hindi, Bengali, Thai, and of fonts for Chinese."""
_SIGNS = str.maketrans(
    "\u00a0\u202f\u2009’\u066b\u066c\u066a\uff0e\uff0c\uff05"
    + _DASHES
    + "".join(chr(ord(zero) + digit) for zero in _ZEROS for digit in range(10)),
    "   '.,%.,%" + "-" * len(_DASHES) + "0123456789" * len(_ZEROS),
)
"""What stands between thousands, minus as typesetters have it, and digits of other scripts: what
means the same is one thing here."""

SCALES = frozenset(
    {"k", "m", "b", "bn", "mn", "tsd", "mio", "mrd", "million", "billion", "thousand", "lakh", "cr"}
)
"""Units that make a number another one, in lower case: none where only some cells have them."""
_SCALED = SCALES | {"%", "‰"}
_LONGEST = 50
"""A longer cell is no number however it is written."""

Thousands = Literal[",", ".", " ", "'"]


class Notation(Section):
    """Numbers as a column writes them; by default as Python does."""

    decimal: Literal[".", ","] = "."
    """Stands before the fraction."""
    thousands: Thousands | None = None
    """Stands between groups of three digits, where anything does."""
    unit: str | None = pydantic.Field(None, min_length=1, max_length=10)
    """Stands before or behind a number, or not: `€`, `%`, `kg`. It does not change the number."""
    duration: durations.First | None = None
    """Cells say how long something took, in seconds: `1h 20m`, `95 min`, `01:23:45`; and what is
    first in `1:45`."""

    missing: Annotated[tuple[str | float, ...], pydantic.Strict(False)] | None = pydantic.Field(
        None, min_length=1, max_length=100
    )
    """What says that there is no number, beside the words that always do: `-999`, `not measured`.
    Numbers are meant whatever way they are written; words in any case."""

    @pydantic.model_validator(mode="after")
    def _signs_are_told_apart(self) -> Notation:
        if self.decimal == self.thousands:
            raise ValueError(f"decimal and thousands are both {self.decimal!r}")
        if self.duration and (self.thousands, self.unit, self.decimal) != (None, None, "."):
            raise ValueError("decimal, thousands and unit are for no duration; leave them out")
        if self.unit is not None and not _UNIT.fullmatch(self.unit.strip()):
            raise ValueError(
                f"unit = {short_repr(self.unit)} has signs in it that numbers are made of"
            )
        return self

    @cached_property
    def is_scaled(self) -> bool:
        """Whether its unit makes a number another one: 45 % is 0.45 to a program that leaves the
        sign out, and 5 k is 5000."""
        return self.unit is not None and self.unit.strip().lower().rstrip(".") in _SCALED

    @cached_property
    def missing_numbers(self) -> frozenset[float]:
        """Of `missing`, those that are numbers."""
        given = [of for of in self.missing or () if not isinstance(of, str)]
        return frozenset(map(float, given))

    @cached_property
    def _missing_words(self) -> frozenset[str]:
        given = [of for of in self.missing or () if isinstance(of, str)]
        return frozenset(word.strip().lower() for word in given)

    def says_nothing(self, text: str) -> bool:
        """Whether `missing` has this word."""
        return bool(self.missing) and text.strip().lower() in self._missing_words

    def present(self, number: float | None) -> float | None:
        """The number; None where `missing` has it."""
        return None if self.missing and number in self.missing_numbers else number

    def plain(self, text: str) -> str:
        """A number as Python writes it.

        Raises:
          CellError: it is none, or a code such as 00501.
        """
        if self._reads_pythons and _PLAIN(text):
            return text
        plain = self._translated(text)
        if plain is None and self.duration:
            raise CellError(f"holds {shown(text)}, which is no duration such as 1h 20m or 01:20:00")
        if plain is None or not _is_number(plain):
            raise CellError(f"holds {shown(text)}, which is no number", _hint(text))
        if _is_code(plain):
            raise CellError(
                f"holds {shown(text)}, which begins with 0 as codes do and numbers do not",
                "; make the column a category",
            )
        return plain

    def reads(self, text: str) -> bool:
        """Whether it is a number so, and no code."""
        if self._reads_pythons and _PLAIN(text):
            return True
        plain = self._translated(text)
        return plain is not None and _is_number(plain) and not _is_code(plain)

    def _translated(self, text: str) -> str | None:
        """Python's way to write it, if it is a number at all; None where it is none."""
        if self.duration:
            seconds = durations.seconds(text.translate(_SIGNS), self.duration)
            return None if seconds is None else repr(seconds)
        if self._is_plain:
            return text if text.isascii() else text.translate(_SIGNS)
        digits = _with_sign(text.translate(_SIGNS))
        sign, digits = _signed(digits)
        digits = self._without_unit(digits)
        if not sign:  # $-5
            sign, digits = _signed(digits)
        if self.unit and sign == "-" and not digits:
            return "0"  # `$ -`, as spreadsheets write it in columns of money
        whole, point, fraction = digits.partition(self.decimal)
        if self.thousands and self.thousands in whole:
            first, *groups = whole.split(self.thousands)
            if not _are_groups(first, groups):
                return None
            whole = "".join((first, *groups))
        if self.decimal != "." and "." in whole + fraction:
            return None
        return f"{sign}{whole}{'.' if point else ''}{fraction}"

    def _without_unit(self, text: str) -> str:
        if self.unit is None:
            return text
        unit = self.unit.strip()
        if text.startswith(unit):
            return text[len(unit) :].strip()
        return text.removesuffix(unit).strip()

    @property
    def sample(self) -> str:
        """A number that is written so."""
        if self.duration:
            return "1h 20m"
        return f"1{self.thousands or ''}234{self.decimal}5"

    @cached_property
    def _is_plain(self) -> bool:
        return (
            not self.duration
            and self.decimal == "."
            and self.thousands is None
            and self.unit is None
        )

    @cached_property
    def _reads_pythons(self) -> bool:
        """Whether numbers as Python writes them are themselves, beside others."""
        return not self.duration and self.decimal == "."

    @cached_property
    def settings(self) -> dict[str, str]:
        """What differs from the default, as the settings have it."""
        found = {
            "decimal": self.decimal,
            "thousands": self.thousands,
            "unit": self.unit,
            "duration": self.duration,
        }
        return {
            key: value
            for key, value in found.items()
            if value is not None and (key, value) != ("decimal", ".")
        }


def _are_groups(first: str, groups: list[str]) -> bool:
    """Whether digits stand in threes or, as in India, in twos but for the last three."""
    *others, last = groups
    size = len(others[0]) if others else 3
    in_groups = size in (2, 3) and all(len(group) == size for group in others)
    return in_groups and len(last) == 3 and 1 <= len(first) <= size


def _with_sign(text: str) -> str:
    """Minus as accountants write it, `(5)`, `$ (5)` and `5-`, in front."""
    before, _, inner = text.partition("(")
    if inner.endswith(")") and _NUMERAL.search(inner) and not _NUMERAL.search(before):
        return f"-{before}{inner[:-1].strip()}"
    if len(text) > 1 and text.endswith("-"):
        return f"-{text[:-1].strip()}"
    return text


def _signed(text: str) -> tuple[str, str]:
    return (text[0], text[1:].strip()) if text[:1] in ("+", "-") else ("", text)


def _is_number(plain: str) -> bool:
    found = _NUMBER.fullmatch(plain)
    return bool(found and (found[1] or (found[2] and len(found[2]) > 1)))


def _is_code(plain: str) -> bool:
    digits = plain.lstrip("+-")
    return digits.startswith("0") and digits[1:2].isdigit()


_USUAL: tuple[tuple[Literal[".", ","], Thousands | None], ...] = (
    (".", None),
    (".", ","),
    (",", None),
    (",", "."),
    (".", " "),
    (",", " "),
    (".", "'"),
    (",", "'"),
)


def notations(text: str) -> list[Notation]:
    """Those in which a cell is a number, the most usual first.

    `1,234` reads as a thousand and more before it does as a fraction. Letters before a number make
    a name of it, such as Q4, unless they are a currency, as in `CHF 5` and `US$5`; and so does a
    point between both, as in 12.jpg.
    """
    digits = _with_sign(text.translate(_SIGNS))
    units = {found.strip() for found in _UNIT.findall(digits)}
    likely = [
        unit
        for unit in sorted(units)
        if (unit == '"' or all(map(_USUAL_UNIT.match, unit)))
        and not (_is_a_name(unit) and digits.lstrip("+-").startswith(unit))
        and not _FILE.search(digits)
    ]
    return [
        found
        for unit in (None, *likely)
        for decimal, thousands in _USUAL
        if (found := Notation(decimal=decimal, thousands=thousands, unit=unit)).reads(text)
    ]


def _is_a_name(unit: str) -> bool:
    """Whether it makes a name of a number behind it."""
    return unit[0].isalpha() and unit not in _CURRENCIES and unit[-1] not in _MONEY


@functools.lru_cache(maxsize=1024)
def _hint(text: str) -> str:
    """The end of a sentence that says how to declare it; "" where it is neither a number in any way
    nor a word."""
    found = notations(text) if len(text) <= _LONGEST else []
    if not found:
        is_word = text and len(text) <= _LONGEST and not any(map(str.isnumeric, text))
        return f"; declare missing: [{shown(text)}] if it stands for nothing" if is_word else ""
    settings = found[0].settings or {"decimal": found[0].decimal}
    declared = ", ".join(f"{key}: {shown(value)}" for key, value in settings.items())
    return f"; declare {declared} if it is one"
