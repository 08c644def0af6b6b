"""A store as it was when it was opened: records by id, and what leads to what."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from inspection.records import Artifact, Event, Run, Step

_NONE: tuple[Event, ...] = ()


class History:
    """An immutable snapshot.

    Rows are read when it is opened; events and properties when they are first asked for, since
    most questions need few of them. What a run has added meanwhile does not appear.

    Methods take ids, and answer in a stable order. An id that is not there has no events.
    """

    def __init__(
        self,
        *,
        address: str,
        path: Path | None,
        runs: Iterable[Run],
        steps: Iterable[Step],
        artifacts: Iterable[Artifact],
        read_events: Callable[[], Iterable[Event]],
    ):
        """Takes what a reader found.

        Args:
          address: of the store, without a password, for people.
          path: the file, where the store is one.
          runs: oldest first.
          steps: in the order of their ids, like the artifacts.
          artifacts: all of them.
          read_events: called once, with the first question about events.
        """
        self.address = address
        self.path = path
        self.runs: Mapping[int, Run] = {run.id: run for run in runs}
        self.steps: Mapping[int, Step] = {step.id: step for step in steps}
        self.artifacts: Mapping[int, Artifact] = {artifact.id: artifact for artifact in artifacts}
        self._read_events = read_events

    @functools.cached_property
    def events(self) -> Sequence[Event]:
        """All events between known steps and artifacts, in the order in which they were written."""
        return tuple(
            event
            for event in self._read_events()
            if event.step in self.steps and event.artifact in self.artifacts
        )

    def inputs(self, step: int) -> Sequence[Event]:
        """What a step read."""
        return self._inputs_by_step.get(step, _NONE)

    def outputs(self, step: int) -> Sequence[Event]:
        """What a step wrote; for a cached step, what it took from an earlier one."""
        return self._outputs_by_step.get(step, _NONE)

    def consumers(self, artifact: int) -> Sequence[Step]:
        """The steps that read an artifact."""
        return [self.steps[event.step] for event in self._inputs_by_artifact.get(artifact, _NONE)]

    def emitters(self, artifact: int) -> Sequence[Step]:
        """The steps that have an artifact among their outputs: its producer, and cache hits."""
        return [self.steps[event.step] for event in self._outputs_by_artifact.get(artifact, _NONE)]

    def producer(self, artifact: int) -> Step | None:
        """The step that made an artifact, not one that took it from the cache."""
        emitters = self.emitters(artifact)
        made = (step for step in emitters if step.state != "cached")
        return next(made, emitters[0] if emitters else None)

    def steps_of(self, run: int) -> Sequence[Step]:
        """The steps of a run, in the order in which they were started."""
        return [self.steps[step] for step in self.runs[run].steps]

    def input_artifacts(self, step: int, key: str | None = None) -> Sequence[Artifact]:
        """The artifacts that a step read, or those under one key."""
        return self._artifacts(self.inputs(step), key)

    def output_artifacts(self, step: int, key: str | None = None) -> Sequence[Artifact]:
        """The artifacts that a step wrote or took from the cache, or those under one key."""
        return self._artifacts(self.outputs(step), key)

    def _artifacts(self, events: Iterable[Event], key: str | None) -> Sequence[Artifact]:
        return [self.artifacts[event.artifact] for event in events if key in (None, event.key)]

    @functools.cached_property
    def _inputs_by_step(self) -> Mapping[int, Sequence[Event]]:
        return self._indexed("input", lambda event: event.step)

    @functools.cached_property
    def _outputs_by_step(self) -> Mapping[int, Sequence[Event]]:
        return self._indexed("output", lambda event: event.step)

    @functools.cached_property
    def _inputs_by_artifact(self) -> Mapping[int, Sequence[Event]]:
        return self._indexed("input", lambda event: event.artifact)

    @functools.cached_property
    def _outputs_by_artifact(self) -> Mapping[int, Sequence[Event]]:
        return self._indexed("output", lambda event: event.artifact)

    def _indexed(
        self, direction: str, key: Callable[[Event], int]
    ) -> Mapping[int, Sequence[Event]]:
        index: defaultdict[int, list[Event]] = defaultdict(list)
        for event in self.events:
            if event.direction == direction:
                index[key(event)].append(event)
        return dict(index)
