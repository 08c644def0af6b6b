"""What a column holds, and the kind that is proposed for it. Pure."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from documents.cells.dates import UNIX, moment
from documents.cells.notation import SCALES, Notation
from documents.terminal.counted import counted
from models.features.date.kind import Date
from pipeline.init.columns import clock, codes, dates, durations, hints, missing
from pipeline.init.columns.counts import Counts
from pipeline.init.columns.far import far
from pipeline.init.columns.moments import Moments, moments
from pipeline.init.columns.nearly import TO_COMPARE, WHOLE, Nearly, nearly

_FEWEST = 0.001
"""Share of rows in which a feature has to be there."""
_WORDS = 4
"""A column whose cells have more words than that on average is a text."""
_FEW_DATES = 2
"""Different numbers that read as days by chance, such as 20240131."""
_TRUTHS = frozenset({"true", "false"})
"""As spreadsheets, Python and JSON write them in capitals of their own."""
_FEW_WORDS = 2
"""Of names; cells of more that are all different are texts."""
Proposal = tuple[dict[str, Any], str]
"""A kind as the settings have it, and why."""
MOST_BAD = 0.02
"""Share of cells that are no numbers in a column of numbers; their rows are left out."""


@dataclasses.dataclass
class Column(Counts):
    """A column, as settings are drafted for it."""

    @property
    def proposal(self) -> Proposal:
        """The kind as the settings have it, and why."""
        return self._of_nothing or self._of_one_form or self._of_words

    @property
    def _of_nothing(self) -> Proposal | None:
        """Where cells are images, or nothing is to be learned of them."""
        filled = self.filled
        if self.images is not None:
            images = counted(self.images.classes.total(), "image")
            return self.images.feature, f"paths of {images}" if self.values else images
        if self.unreadable:
            return {"kind": "ignore"}, f"cells such as a {self.unreadable}, which no kind reads"
        if 2 * self.controlled > filled:
            why = "control characters in most cells, which no kind reads: take them away"
            return {"kind": "ignore"}, why
        if not filled:
            return {"kind": "ignore"}, "empty in every row"
        if filled < _FEWEST * self.rows:
            return {"kind": "ignore"}, "missing in almost every row"
        if len(self.values) == 1 and not self.missing:
            return {"kind": "ignore"}, "the same in every row"
        if self.scale_apart:
            return {"kind": "ignore"}, self.scale_apart
        return None

    @property
    def _of_one_form(self) -> Proposal | None:
        """Where all cells are written in one way: numbers, truths, times, lists."""
        filled = self.filled
        if self.clock and clock.named(self.name):
            why = "every cell is a time of day such as 1345; if not, make it number"
            return {"kind": "time", "format": "hhmm"}, why
        if self.booleans == filled or {of.lower() for of in self.values} <= _TRUTHS:
            return {"kind": "category", "boolean": True}, "every cell is true or false"
        if self.is_number:
            return self._number()
        if self.dates:
            return self._date(self.dates)
        if lasting := durations.proposal(self.name, self.values):
            return lasting
        if self.are_times:
            why = "every cell is a time of day; if not, make it number with duration, or ignore"
            return {"kind": "time"}, why
        if 2 * self.vectors > self.lists:
            why = "lists of numbers; give each place of them a column of its own"
            return {"kind": "ignore"}, why
        if self.lists:
            return {"kind": "text"}, "lists, of which each item is a word"
        return None

    @property
    def _of_words(self) -> Proposal:
        """Whatever else: nearly moments or numbers, texts, categories."""
        found = self._nearly
        if self._moments:
            return {**self._moments.kind, **self.missing_settings}, self._moments.why
        if found and found.share <= MOST_BAD and not (self._differs and found.is_whole):
            return {
                "kind": "number",
                **found.notation.settings,
                **self.missing_settings,
            }, found.said
        hint = f"; {found.said}" if found else self.dates_apart or self.more_than_words
        if self.of_lines:
            return {"kind": "text"}, f"cells of several lines{hint}"
        if self.words > _WORDS * self.filled:
            return {"kind": "text"}, f"cells of several words{hint}"
        if self._differs and self.words > _FEW_WORDS * self.filled:
            return {"kind": "text"}, f"short texts, hardly two alike{hint}"
        if self._differs:
            why = "different in almost every row, as names and ids are"
            return {"kind": "ignore"}, why + hint
        return self._category, f"{counted(len(self.values), 'different value')}{hint}"

    @cached_property
    def _category(self) -> dict[str, Any]:
        """With `whole` where most of them are whole numbers, of which another file may write 1.0
        for 1, and none has a fraction that tells it from another."""
        whole = sum(map(bool, map(WHOLE.fullmatch, self.values)))
        is_whole = len(self.values) < 2 * whole
        if not is_whole or any(map(codes.FRACTION.fullmatch, self.values)):
            return {"kind": "category"}
        return {"kind": "category", "whole": True}

    @property
    def bad(self) -> float:
        """Share of the rows whose cell is none of the kind that is proposed all the same."""
        kind, _ = self.proposal
        if kind["kind"] == "ignore" or not self.rows:
            return 0.0
        odd = self._nearly if kind["kind"] == "number" else self._moments
        is_odd = odd is not None and kind["kind"] in ("number", "date", "time")
        return (odd.share if odd and is_odd else 0.0) + (self.beyond + self.controlled) / self.rows

    @cached_property
    def dates_apart(self) -> str:
        """The end of a sentence about dates that are written in several ways; else nothing."""
        usual = [cell for cell, _ in self.values.most_common(TO_COMPARE)]
        if self.dates or len(usual) < 2 or not all(map(dates.possible, usual)):
            return ""
        return "; dates, each written in another way: write all alike for kind date"

    @cached_property
    def scale_apart(self) -> str:
        """Why no number may be read, where only some cells say that they count in thousands; ""
        where that is not so."""
        unit = self.notation.unit
        if not self.is_number or unit is None or unit.lower().rstrip(".") not in SCALES:
            return ""
        without = [of for of in self.values if unit not in of and self.notation.plain(of) != "0"]
        if not without:
            return ""
        return f"numbers, some in {unit} and some not, such as {without[0]!r}: write all alike"

    @cached_property
    def clock(self) -> str:
        """The end of a sentence about whole numbers that may be times of day; else nothing."""
        cells = self.values
        if self.overflows or not clock.are_times(cells):
            return ""
        if not clock.named(self.name) and clock.by_chance(cells):
            return ""
        return "; if these are times of day such as 1345, make it {kind: time, format: hhmm}"

    @cached_property
    def more_than_words(self) -> str:
        """The end of a sentence about cells that are read as words, and may be meant as more."""
        return "" if self.is_number or self.dates or self.are_times else hints.hint(self.values)

    @cached_property
    def nothing(self) -> Mapping[str | float, int]:
        """What stands for nothing, as long as the column holds numbers, dates or times, and the
        cells of each."""
        if self.far_days:
            return dict(self.far_days.items())
        odd = self._moments or self._nearly
        found: dict[str | float, int] = dict(odd.nothing.items()) if odd else {}
        notation = self.label_notation
        if notation and self.values and not (self._nearly and self._moments):
            read = Counter({cell: n for cell, n in self.values.items() if notation.reads(cell)})
            far = missing.numbers(read, notation.plain, (self.least, self.greatest))
            found.update(far.items())
        return found

    @cached_property
    def far_days(self) -> Mapping[str, int]:
        """Days that stand for nothing in a column of dates, and the cells of each."""
        if self.is_number or not self.dates:
            return {}
        form = self.dates[0].format
        return missing.days(self.values, lambda cell: moment(cell, form))

    @cached_property
    def far(self) -> list[float]:
        """Single numbers of a label that are far from all others and taken for numbers."""
        notation = self.label_notation
        if notation is None:
            return []
        numbers = {float(notation.plain(cell)) for cell in self.values if notation.reads(cell)}
        # Of many different ones not all are kept.
        ends = {of for of in (self.least, self.greatest) if math.isfinite(of)}
        return far((numbers | ends) - {of for of in self.nothing if isinstance(of, float)})

    @property
    def missing_settings(self) -> dict[str, list[str | float]]:
        """`missing`, as the settings have it; nothing where no cell stands for nothing."""
        found = [
            int(of) if isinstance(of, float) and of.is_integer() else of for of in self.nothing
        ]
        return {"missing": found} if found else {}

    @property
    def label_notation(self) -> Notation | None:
        """How nearly all cells are numbers; None where too many are none."""
        if self.is_number:
            return self.notation
        if (lasting := durations.proposal(self.name, self.values)) and "duration" in lasting[0]:
            return Notation(duration=lasting[0]["duration"])
        found = self._nearly
        return found.notation if found and found.share <= MOST_BAD else None

    @property
    def no_numbers(self) -> int:
        """How many cells are none, of those that nearly all are."""
        return self._nearly.bad if self._nearly else 0

    @property
    def begins_otherwise(self) -> bool:
        """Whether the first row alone holds no number where all others do, as one of units does."""
        notation = self.label_notation
        if self.first is None or notation is None or self.no_numbers != 1:
            return False
        return not notation.reads(self.first)

    @property
    def nearly_said(self) -> str | None:
        """How few cells are no numbers, where most are."""
        return self._nearly.said if self._nearly else None

    @cached_property
    def _nearly(self) -> Nearly | None:
        return None if self.is_number else nearly(self.values, self.filled)

    @cached_property
    def _moments(self) -> Moments | None:
        is_one = self.is_number or self.dates or self.are_times
        # Whole numbers may be dates such as 20260131, as where all of them are.
        are_numbers = self._nearly and not (self._nearly.is_whole and self._are_many)
        return None if is_one or are_numbers else moments(self.values)

    @property
    def _are_many(self) -> bool:
        return len(self.values) > _FEW_DATES

    @property
    def is_of_groups(self) -> bool:
        """Whether it is called as what says to whom a row belongs, and several rows have each."""
        several = len(self.values) > 20 and self.filled >= 2 * len(self.values)
        return several and not self.overflows and codes.are_of_groups(self.name)

    @property
    def code(self) -> str | None:
        """Why whole numbers are taken for codes; None where they are not."""
        if not (self.is_number and self.is_whole and self.filled):
            return None
        if self.notation.settings:
            unit = self.notation.unit if len(self.notation.settings) == 1 else None
            return codes.of_unit(unit, longest=self.longest)
        return codes.reason(
            self.name, longest=self.longest, different=len(self.values), filled=self.filled
        )

    @property
    def _differs(self) -> bool:
        few = len(self.values) <= 20
        return self.overflows or (not few and len(self.values) > 0.9 * self.filled)

    def _number(self) -> Proposal:
        declared: dict[str, Any] = {"kind": "number", **self.notation.settings}
        declared |= self.missing_settings
        if self.is_whole and (form := codes.moments(self.name, self.least, self.greatest)):
            each = f"1/{UNIX[form]:,} seconds" if UNIX[form] > 1 else "seconds"
            why = f"every cell is a number of {each} since 1970"
            return {"kind": "date", "format": form}, why
        if self.is_whole and self.dates and self._are_many:
            return self._date(self.dates)
        if code := self.code:
            kind = {"kind": "ignore"} if self._differs else self._category
            form = codes.moments_by_chance(self.least, self.greatest)
            moments = f", or {{kind: date, format: {form}}} if it counts since 1970" if form else ""
            return kind, f"{code}; make it number if more is more{moments}"
        if self.is_whole and codes.of_an_index(self.name, self.overflows or self._differs):
            return {"kind": "ignore"}, "a number for each row, as pandas and R write them"
        if self.is_whole and not self.overflows and 20 < len(self.values) == self.filled:
            return declared, f"no two alike: make it ignore if it is an id{self.clock}"
        written = "".join(
            f", written with {key} {value}" for key, value in self.notation.settings.items()
        )
        return declared, f"every cell is a number{written}{self.clock}"

    def _date(self, kinds: list[Date]) -> Proposal:
        first, *others = (kind.format for kind in kinds)
        nothing = {"missing": [*self.far_days]} if self.far_days else {}
        if first is None:
            return {"kind": "date", **nothing}, "every cell is a date"
        why = f"every cell is a date written {first}"
        if others:
            why += f", or {others[0]}, which reads all of them too: choose"
        return {"kind": "date", "format": first, **nothing}, why
