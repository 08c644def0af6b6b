"""Who read and wrote what in a whole store, for questions that ask about all of it."""

from __future__ import annotations

import bisect
import functools
from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[Any]]


NOBODY = -(2**63)
"""Stands for the id of a maker where there is none; no database gives it away."""


class Links:
    """A few bytes for each event, where records of a million of them would take hundreds of
    megabytes. Events without a known step or artifact are left out; each side keeps their order."""

    def __init__(
        self,
        steps: Sequence[int],
        cached: Iterable[bool],
        artifacts: Sequence[int],
        events: Sequence[array[int]],
    ) -> None:
        """Takes ids and events.

        Args:
          steps: the ids of all steps, in order.
          cached: of each, whether it took its outputs from the cache.
          artifacts: the ids of all artifacts, in order.
          events: the step, the artifact, and 1 for an output and 0 for an input, of each.
        """
        # A large store is worth the import; every other question starts sooner without.
        import numpy as np

        self._np = np
        self._step_ids = np.asarray(steps, np.int64)
        self._artifact_ids = np.asarray(artifacts, np.int64)
        self._steps, known = _places(self._step_ids, np.asarray(events[0], np.int64))
        self._artifacts, named = _places(self._artifact_ids, np.asarray(events[1], np.int64))
        self._is_output = np.asarray(events[2], bool)
        known &= named
        if not known.all():
            self._steps, self._artifacts = self._steps[known], self._artifacts[known]
            self._is_output = self._is_output[known]
        self._cached = np.fromiter(cached, bool, len(steps))

    @functools.cached_property
    def _by_step(self) -> _Side:
        return _Side(
            self._step_ids, self._steps, self._artifacts, self._is_output, self._artifact_ids
        )

    @functools.cached_property
    def _by_artifact(self) -> _Side:
        return _Side(
            self._artifact_ids, self._artifacts, self._steps, self._is_output, self._step_ids
        )

    def __len__(self) -> int:
        """How many events there are."""
        return len(self._steps)

    def artifacts_of(self, step: int, is_output: bool) -> Sequence[int]:
        """The ids of what a step wrote, or read."""
        return self._by_step.of(step, is_output)

    def steps_of(self, artifact: int, is_output: bool) -> Sequence[int]:
        """The ids of the steps that wrote an artifact, or read it."""
        return self._by_artifact.of(artifact, is_output)

    def maker_of(self, artifact: int) -> int | None:
        """The id of the step that made an artifact, not of one that took it from the cache."""
        place = bisect.bisect_left(self._made_ids, artifact)
        if place == len(self._made_ids) or self._made_ids[place] != artifact:
            return None
        maker = self._maker_ids[place]
        return maker if maker != NOBODY else None

    def not_made_by(self, steps: Iterable[int]) -> list[int]:
        """The ids of all artifacts that none of these steps made, in order."""
        # Behind the last step stands nobody, where the place of an unknown maker leads.
        theirs = self._mask(self._steps_at(steps), len(self._step_ids) + 1)
        return self._named(self._np.flatnonzero(~theirs[self._makers]))

    def touched_by(self, steps: Iterable[int]) -> list[int]:
        """The ids of all that any of these steps read or wrote, each once and in order."""
        touched = self._mask(self._steps_at(steps), len(self._step_ids))[self._steps]
        found = self._mask(self._artifacts[touched], len(self._artifact_ids))
        return self._named(self._np.flatnonzero(found))

    def upstream(self, artifacts: Iterable[int]) -> list[int]:
        """The ids of these and of all that went into them, each once and in order."""
        np = self._np
        places, known = _places(self._artifact_ids, np.fromiter(artifacts, np.int64))
        found = self._mask(places[known], len(self._artifact_ids))
        seen = np.zeros(len(self._step_ids), bool)
        new = np.flatnonzero(found)
        while len(new):
            makers = self._makers[new]
            step = self._mask(makers[makers >= 0], len(seen)) & ~seen
            seen |= step
            read = self._artifacts[step[self._steps] & ~self._is_output]
            new = np.unique(read[~found[read]])
            found[new] = True
        return self._named(np.flatnonzero(found))

    @functools.cached_property
    def _makers(self) -> Numbers:
        """The step that made each artifact, not one that took it from the cache; -1 for none."""
        found = self._np.full(len(self._artifact_ids), -1, self._np.int32)
        took = self._cached[self._steps]
        for those in (took, ~took):
            # The last of several assignments counts, and the first maker is wanted.
            events = self._np.flatnonzero(self._is_output & those)[::-1]
            found[self._artifacts[events]] = self._steps[events]
        return found

    @functools.cached_property
    def _made_ids(self) -> array[int]:
        return _array(self._artifact_ids)

    @functools.cached_property
    def _maker_ids(self) -> array[int]:
        known = self._makers >= 0
        found = self._np.full(len(known), NOBODY, self._np.int64)
        found[known] = self._step_ids[self._makers[known]]
        return _array(found)

    def _mask(self, places: Numbers, size: int) -> Numbers:
        found = self._np.zeros(size, bool)
        found[places] = True
        return found

    def _steps_at(self, ids: Iterable[int]) -> Numbers:
        places, known = _places(self._step_ids, self._np.fromiter(ids, self._np.int64))
        return places[known]

    def _named(self, places: Numbers) -> list[int]:
        named: list[int] = self._artifact_ids[places].tolist()
        return named


class _Side:
    """The other ends of events by one of their ends."""

    def __init__(
        self, ids: Numbers, ends: Numbers, others: Numbers, is_output: Numbers, other_ids: Numbers
    ) -> None:
        import numpy as np

        # What each one wrote stands right behind what it read, in the order of events.
        sides = ends.astype(np.int32) * 2 + is_output
        order = np.argsort(sides, kind="stable")
        ends_of_sides = np.cumsum(np.bincount(sides, minlength=2 * len(ids)))
        others = others[order]
        del sides, order  # each as large as what is kept
        # Single numbers of numpy's arrays take ten times as long to get at.
        self._ids = _array(ids)
        self._starts = _array(np.concatenate([[0], ends_of_sides]).astype(np.int64))
        self._others = _array(other_ids[others])

    def of(self, id: int, is_output: bool) -> Sequence[int]:
        place = bisect.bisect_left(self._ids, id)
        if place == len(self._ids) or self._ids[place] != id:
            return ()
        side = 2 * place + is_output
        return self._others[self._starts[side] : self._starts[side + 1]].tolist()


def _array(numbers: Numbers) -> array[int]:
    found = array("q")
    found.frombytes(numbers.view("uint8").data)
    return found


def _places(known: Numbers, ids: Numbers) -> tuple[Numbers, Numbers]:
    """Where each id stands among those that are known, and whether it does."""
    import numpy as np

    if not len(known):
        return np.zeros(len(ids), np.int32), np.zeros(len(ids), bool)
    last = len(known) - 1
    if known[-1] - known[0] == last:
        # Without gaps, as in most stores, places need not be looked for.
        places = ids - known[0]
        is_known = (places >= 0) & (places <= last)
        return np.clip(places, 0, last, out=places).astype(np.int32), is_known
    places = np.minimum(np.searchsorted(known, ids), last).astype(np.int32)
    return places, known[places] == ids
