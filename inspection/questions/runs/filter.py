"""Which runs are wanted, and in which order."""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from inspection.history.records import Run
from inspection.history.states import OF_RUNS
from inspection.no_answer import MistakeError, NoAnswerError

FATES = (
    *("live", "superseded", "rolled_back", "withdrawn", "removed", "refused", "failed", "killed"),
    *("running", "complete", "unfinished", "interrupted", "pushed", "already_live", "unknown"),
)
"""Of a run's model, and outcomes of runs."""
ORDERS = ("newest", "oldest", "longest", "shortest")
_MOST_ASKED = 20
"""Runs that are looked through for a name that is close to a mistyped one."""

Fact = str | float
Facts = Callable[[Run, str], Iterable[Mapping[str, Fact]]]
"""What about a run may have a name: settings, properties of what came out, then metrics. Nobody
looks for metrics where a setting has the name. Of an empty name it is all of them."""

_CONDITION = re.compile(r"\s*([^=<>!~]+?)\s*(!=|<=|>=|=|<|>|~)\s*(.*?)\s*", re.DOTALL)
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class FilterError(NoAnswerError, ValueError):
    """A condition or order that cannot be understood; the message says how it is written."""


class WrongFilterError(MistakeError, FilterError):
    """One that is understood of no store."""


@dataclasses.dataclass(frozen=True)
class Condition:
    """`training.seed=1`: a name, or the end of one, and what its value must be."""

    name: str
    sign: str
    """One of `=`, `!=`, `<`, `<=`, `>`, `>=`, and `~` for a part of it."""
    value: str

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Of what somebody typed.

        Raises:
          FilterError: it is none.
        """
        found = _CONDITION.fullmatch(text)
        if found is None:
            raise WrongFilterError(
                f"{text!r} is no condition; write training.seed=1 or "
                "SparseCategoricalAccuracy>0.85: a setting or metric, one of = != < <= > >= ~, "
                "and a value."
            )
        condition = cls(*found.groups())
        if condition.sign in _COMPARE and _number(condition.value) is None:
            raise WrongFilterError(
                f"{text!r} compares with {condition.value!r}, which is no number; texts are "
                "compared with = != or ~."
            )
        return condition

    def holds(self, facts: Iterable[Mapping[str, Fact]]) -> bool:
        """Whether any fact of that name is so; of `!=`, whether none is the other."""
        found = named(facts, self.name)
        if self.sign == "!=":
            return bool(found) and not any(_same(each, self.value) for each in found)
        return any(self._fits(each) for each in found)

    def _fits(self, fact: str | float) -> bool:
        if self.sign == "=":
            return _same(fact, self.value)
        if self.sign == "~":
            return self.value.lower() in str(fact).lower()
        number, limit = _number(fact), _number(self.value)
        return number is not None and limit is not None and _COMPARE[self.sign](number, limit)


@dataclasses.dataclass(frozen=True)
class RunFilter:
    """What a run must be; None wants any."""

    pipeline: str | None = None
    fate: str | None = None
    """The outcome or the fate of its model: `refused`, `live`, `failed`, `killed`, …"""
    since: datetime.datetime | None = None
    """Started then or later."""
    order: str = ORDERS[0]
    """One of ORDERS, or the name of a fact: the largest first, or with `-` before it the
    smallest."""
    state: str | None = None
    where: tuple[Condition, ...] = ()
    """All of them must hold."""
    tag: str | None = None
    """Somebody tagged it so."""

    @property
    def is_set(self) -> bool:
        """Whether it leaves anything out for another reason than its pipeline."""
        return bool(self.fate or self.since or self.state or self.where or self.tag)

    def of(
        self,
        runs: Iterable[Run],
        facts: Facts = lambda *_: (),
        tags: Callable[[Run], Iterable[str]] = lambda _: (),
    ) -> Sequence[Run]:
        """Those that fit by what their records say, in the order that is wanted.

        Args:
          runs: oldest first.
          facts: asked only where a condition or the order needs it.
          tags: likewise.

        Raises:
          FilterError: there is no such state or fate, or no run has what a condition or the order
            names.
        """
        self._refuse_unknown()
        runs = [*runs]
        found = [run for run in runs if self._fits(run)]
        if self.tag:
            found = [run for run in found if self.tag in tags(run)]
        if self.where:
            found = [
                run
                for run in found
                if all(each.holds(facts(run, each.name)) for each in self.where)
            ]
            if not found:
                _refuse_unknown_names([each.name for each in self.where], runs, facts)
        if self.order == "oldest":
            return found
        if self.order == ORDERS[0]:
            return found[::-1]
        if self.order in ORDERS:
            known = [run for run in found if run.seconds is not None]
            return sorted(known, key=lambda run: run.seconds or 0, reverse=self.order == "longest")
        return self._by_fact(found[::-1], facts)

    def wants(self, outcome: str, fate: str) -> bool:
        """Whether a run that came out so fits."""
        return self.fate is None or _plain(self.fate) in (outcome, fate)

    def _refuse_unknown(self) -> None:
        """What was mistyped is no answer of nothing."""
        for name, value, known in (("state", self.state, OF_RUNS), ("fate", self.fate, FATES)):
            if value is not None and _plain(value) not in known:
                close = difflib.get_close_matches(_plain(value), known, n=1, cutoff=0.5)
                hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}."
                raise WrongFilterError(f"--{name} {value!r} is no {name} of a run; {hint}")

    def _fits(self, run: Run) -> bool:
        if self.pipeline not in (None, run.pipeline, *run.pipelines):
            return False
        if self.state is not None and _plain(self.state) != run.state:
            return False
        return self.since is None or (run.started is not None and run.started >= self.since)

    def _by_fact(self, runs: Sequence[Run], facts: Facts) -> Sequence[Run]:
        """Numbers by size, then texts; runs without the fact are left out."""
        name = self.order.removeprefix("-")
        values = {run.id: next(iter(named(facts(run, name), name)), None) for run in runs}
        if runs and all(value is None for value in values.values()):
            hint = _hint(name, runs, facts) or f"there are {', '.join(ORDERS)} as well."
            raise FilterError(
                f"--order {self.order}: no run has a setting or metric of that name; {hint}"
            )
        known = [run for run in runs if values[run.id] is not None]
        return sorted(
            known, key=lambda run: _rank(values[run.id]), reverse=not self.order.startswith("-")
        )


def _refuse_unknown_names(names: Iterable[str], runs: Sequence[Run], facts: Facts) -> None:
    """A name that nothing has is mistyped, and no answer of nothing either."""
    for name in names:
        if runs and not any(named(facts(run, name), name) for run in runs):
            hint = _hint(name, runs, facts) or "`python -m inspection show RUN` tells what one has."
            raise FilterError(
                f"--where {name}: no run has a setting or metric of that name; {hint}"
            )


def _hint(name: str, runs: Sequence[Run], facts: Facts) -> str | None:
    """The closest end of a name that one of the newest runs has."""
    parts = name.count(".") + 1
    newest = sorted(runs, key=lambda run: run.id)[-_MOST_ASKED:]
    ends = {
        ".".join(known.split(".")[-parts:])
        for run in newest
        for some in facts(run, "")
        for known in some
    }
    close = difflib.get_close_matches(name, sorted(ends), n=1)
    return f"did you mean {close[0]}?" if close else None


def named(facts: Iterable[Mapping[str, Fact]], name: str) -> Sequence[Fact]:
    """The facts of a name, or whose name ends so: `training.seed`, `seed`."""
    wanted = name.lower()
    for some in facts:
        found = [value for known, value in some.items() if _is_called(known.lower(), wanted)]
        if found:
            return found
    return ()


def _plain(word: str) -> str:
    return word.strip().lower().replace(" ", "_")


def _is_called(known: str, wanted: str) -> bool:
    return known == wanted or (known.endswith(wanted) and known[-len(wanted) - 1] in ". :")


def _same(fact: str | float, value: str) -> bool:
    number, wanted = _number(fact), _number(value)
    if number is not None and wanted is not None:
        return number == wanted
    return str(fact).lower() == value.lower()


def _number(value: str | float) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _rank(value: str | float | None) -> tuple[bool, float, str]:
    number = None if value is None else _number(value)
    if number is None or number != number:  # NaN has no place among numbers
        return False, 0.0, str(value)
    return True, number, ""
