"""A store as it was when it was opened: records by id, and what leads to what."""

from __future__ import annotations

import functools
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from inspection.history.attempts import next_attempt, replaced
from inspection.history.events import Events, FindEvents, Side
from inspection.history.links import Links
from inspection.history.of_records import Place, inputs_of, links_of, places_of, types_of
from inspection.history.records import Artifact, ContextLine, Event, Run, Step
from inspection.history.steps import Steps

OfType = Callable[[Artifact], bool]
"""Tells by its type alone whether an artifact is one, and is a function of a module."""
MANY = 100
"""Whoever asks about more runs than that expects many questions."""


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
        steps: Iterable[Step] | Steps[Any],
        artifacts: Mapping[int, Artifact],
        read_events: Callable[[], Iterable[Event]],
        find_events: FindEvents | None = None,
        read_contexts: Callable[[], Iterable[ContextLine]] = tuple,
        read_types: Callable[[], Iterable[tuple[int, str]]] | None = None,
        read_places: Callable[[], Iterable[Place]] | None = None,
        read_links: Callable[[], Sequence[array[int]]] | None = None,
        read_holding: Callable[[str, bool], Mapping[Side, Collection[int]]] | None = None,
        read_naming: Callable[[str], Mapping[Side, Collection[int]]] | None = None,
        read_some: Callable[[Sequence[int]], Sequence[Artifact]] | None = None,
        read_inputs: Callable[[str], Iterable[tuple[int, int]]] | None = None,
    ):
        """Takes what a reader found.

        Args:
          address: of the store, without a password, for people.
          path: the file, where the store is one.
          runs: oldest first.
          steps: in the order of their ids.
          artifacts: all of them by id, likewise.
          read_events: all events; called at most once.
          find_events: those of one step or artifact, where that is faster for a few.
          read_contexts: all contexts; called at most once.
          read_types: the type of each artifact by its id, where that takes less than the records;
            likewise `read_places`, uris and states, and `read_links`, the columns of
            inspection.history.links.
          read_holding: the ids of steps and artifacts of which a property, uri or artifact's name
            may hold a text (True: may be that text), in any case, where that takes less than to
            look at all of them.
          read_naming: likewise, of which a property's name, or one inside a configuration, may hold
            a text.
          read_some: artifacts by their ids, in that order, where they lie far from each other.
          read_inputs: the step and the artifact of each input of a name.
        """
        self.address = address
        self.path = path
        self.runs: Mapping[int, Run] = {run.id: run for run in runs}
        self.steps: Steps[Any] = steps if isinstance(steps, Steps) else Steps.of(steps)
        self.artifacts = artifacts
        self._events = Events(read_events, find_events, self.steps.ids, artifacts)
        self._read_contexts = read_contexts
        self._read_types = read_types or (lambda: types_of(artifacts))
        self._read_places = read_places or (lambda: places_of(artifacts))
        self._read_links = read_links or (lambda: links_of(read_events()))
        self._read_holding = read_holding
        self._read_naming = read_naming
        self._read_some = read_some or (lambda ids: [artifacts[id] for id in ids])
        self._read_inputs = read_inputs or (lambda key: inputs_of(read_events(), key))
        self._inputs_named: dict[str, frozenset[tuple[int, int]]] = {}
        self._replaced: dict[int, frozenset[int]] = {}
        self._ids_like: dict[OfType, frozenset[int]] = {}

    @property
    def title(self) -> str:
        """The store in a word or two: the folder that it lies in, or where a server is."""
        return self.address if self.path is None else self.path.absolute().parent.name

    @property
    def events(self) -> Sequence[Event]:
        """All events between known steps and artifacts, in the order in which they were written."""
        return self._events.all

    def each_event(self) -> Iterator[Event]:
        """The same one by one, none of which is kept."""
        return self._events.each()

    def count_events(self) -> int:
        """How many there are."""
        steps, artifacts = self.steps.ids, frozenset(self.artifacts)
        ends = zip(*self._read_links()[:2], strict=True)
        return sum(step in steps and artifact in artifacts for step, artifact in ends)

    @functools.cached_property
    def contexts(self) -> Mapping[int, ContextLine]:
        """All contexts by id, those that stand for runs and pipelines among them."""
        return {each.id: each for each in self._read_contexts()}

    def inputs(self, step: int) -> Sequence[Event]:
        """What a step read."""
        return [event for event in self._events.of("step", step) if event.direction == "input"]

    def outputs(self, step: int) -> Sequence[Event]:
        """What a step wrote; for a cached step, what it took from an earlier one."""
        return [event for event in self._events.of("step", step) if event.direction == "output"]

    def events_of(self, artifact: int) -> Sequence[Event]:
        """Who read or wrote an artifact."""
        return self._events.of("artifact", artifact)

    def consumers(self, artifact: int) -> Sequence[Step]:
        """The steps that read an artifact."""
        return self._steps(artifact, is_output=False)

    def emitters(self, artifact: int) -> Sequence[Step]:
        """The steps that have an artifact among their outputs: its producer, and cache hits."""
        return self._steps(artifact, is_output=True)

    def producer(self, artifact: int) -> Step | None:
        """The step that made an artifact, not one that took it from the cache."""
        if self._many():
            maker = self._links.maker_of(artifact)
            return None if maker is None else self.steps[maker]
        emitters = self.emitters(artifact)
        made = (step for step in emitters if step.state != "cached")
        return next(made, emitters[0] if emitters else None)

    def run_named(self, name: str) -> Run | None:
        """The run of exactly that name; the last one where pipelines share it."""
        return self._by_name.get(name)

    @functools.cached_property
    def _by_name(self) -> Mapping[str, Run]:
        return {run.name: run for run in self.runs.values()}

    def steps_of(self, run: int) -> Sequence[Step]:
        """The steps of a run, in the order in which they were started."""
        return [self.steps[step] for step in self.runs[run].steps]

    def replaced_in(self, run: int) -> frozenset[int]:
        """The ids of those that a later attempt of their node came in the place of."""
        if run not in self._replaced:
            steps = self.steps
            self._replaced[run] = replaced(self.runs[run].steps, steps.attempt_of, steps.group_of)
        return self._replaced[run]

    def last_steps_of(self, run: int) -> Sequence[Step]:
        """The steps that tell how a run stands: of each node the last attempt."""
        gone = self.replaced_in(run)
        steps = self.steps_of(run)
        return [step for step in steps if step.id not in gone] if gone else steps

    def last_ids_of(self, run: int) -> Sequence[int]:
        """Their ids."""
        gone = self.replaced_in(run)
        steps = self.runs[run].steps
        return [id for id in steps if id not in gone] if gone else steps

    def is_replaced(self, step: Step) -> bool:
        """Whether its run tried its node again."""
        return step.run is not None and step.id in self.replaced_in(step.run)

    def next_attempt(self, step: Step) -> Step | None:
        """The last attempt of a step's node; None of that itself."""
        if step.run is None or not self.is_replaced(step):
            return None
        return next_attempt(step, self.steps_of(step.run), self.replaced_in(step.run))

    def input_artifacts(self, step: int, key: str | None = None) -> Sequence[Artifact]:
        """The artifacts that a step read, or those under one key."""
        return self._artifacts(step, False, key)

    def input_ids(self, step: int, key: str) -> Sequence[int]:
        """The ids of the artifacts that a step read under one key."""
        if self._many():
            named = self._named(key)
            return [id for id in self._links.artifacts_of(step, False) if (step, id) in named]
        return [event.artifact for event in self.inputs(step) if event.key == key]

    def output_artifacts(self, step: int, key: str | None = None) -> Sequence[Artifact]:
        """The artifacts that a step wrote or took from the cache, or those under one key."""
        return self._artifacts(step, True, key)

    def output_ids(self, step: int) -> Sequence[int]:
        """The ids of the artifacts that a step wrote or took from the cache."""
        if self._many():
            return self._links.artifacts_of(step, True)
        return [event.artifact for event in self.outputs(step)]

    def outputs_like(self, step: int, is_one: OfType) -> Sequence[Artifact]:
        """The artifacts of some types that a step wrote; faster where many are asked about."""
        return [self.artifacts[id] for id in self._ids(step, True, is_one)]

    def input_ids_like(self, step: int, is_one: OfType) -> Sequence[int]:
        """The ids of the artifacts of some types that a step read."""
        return self._ids(step, False, is_one)

    def output_ids_like(self, step: int, is_one: OfType) -> Sequence[int]:
        """The ids of the artifacts of some types that a step wrote."""
        return self._ids(step, True, is_one)

    def _ids(self, step: int, is_output: bool, is_one: OfType) -> Sequence[int]:
        if not self._many():
            found = self._artifacts(step, is_output, None)
            return [each.id for each in found if is_one(each)]
        known = self._ids_like.get(is_one)
        if known is None:
            types = (type for type, first in self.first_of_types.items() if is_one(first))
            known = frozenset(id for type in types for id in self._by_type[type])
            self._ids_like[is_one] = known
        return [id for id in self._links.artifacts_of(step, is_output) if id in known]

    def of_type(self, *types: str) -> Sequence[Artifact]:
        """All artifacts of these types, in the order of their ids."""
        ids = [id for type in types for id in self._by_type.get(type, ())]
        return self._read_some(ids if len(types) == 1 else sorted(ids))

    def ids_of_type(self, type: str) -> Sequence[int]:
        """The ids of all artifacts of a type, in order."""
        return self._by_type.get(type, ())

    @functools.cached_property
    def first_of_types(self) -> Mapping[str, Artifact]:
        """All types that artifacts have, each with its first one."""
        return {type: self.artifacts[ids[0]] for type, ids in self._by_type.items()}

    @functools.cached_property
    def _by_type(self) -> Mapping[str, Sequence[int]]:
        found: defaultdict[str, array[int]] = defaultdict(lambda: array("q"))
        for id, type in self._read_types():
            found[type].append(id)
        return dict(found)

    def types_by_id(self) -> Iterable[tuple[int, str]]:
        """The id and type of every artifact, in the order of their ids."""
        return self._read_types()

    def places(self) -> Iterable[Place]:
        """The id, uri and state of every artifact, in the order of their ids."""
        return self._read_places()

    def that_may_hold(
        self, text: str, *, whole: bool = False
    ) -> Mapping[Side, Collection[int]] | None:
        """The ids of all steps and artifacts of which a property, the uri or an artifact's own name
        holds `text` in any case, or is it, and perhaps of others; None where all have to be looked
        at."""
        # Databases know upper and lower case of ASCII only.
        return self._read_holding(text, whole) if self._read_holding and text.isascii() else None

    def that_may_name(self, text: str) -> Mapping[Side, Collection[int]] | None:
        """The ids of all steps and artifacts that may have a property whose name holds `text`, or
        one inside a configuration, in any case; None where all have to be looked at."""
        return self._read_naming(text) if self._read_naming and text.isascii() else None

    def pipeline_of(self, step: Step | None) -> str | None:
        """The name of the pipeline that a step belongs to; None where the store does not say."""
        if step is None:
            return None
        run = self.runs.get(step.run) if step.run is not None else None
        return step.pipeline or (run.pipeline if run else "") or None

    def expect_many(self) -> Links:
        """Reads who read and wrote what at once, for a question that asks about most of it."""
        return self._links

    @functools.cached_property
    def _links(self) -> Links:
        cached = (state == "cached" for state in map(self.steps.state_of, self.steps))
        return Links(list(self.steps), cached, list(self.artifacts), self._read_links())

    def _many(self) -> bool:
        """Whether so much was asked that all links are, or should be, at hand."""
        return "_links" in self.__dict__ or self._events.are_many

    def _artifacts(self, step: int, is_output: bool, key: str | None) -> Sequence[Artifact]:
        if key is not None and not is_output:
            ids = self.input_ids(step, key)
        elif key is None and self._many():
            ids = self._links.artifacts_of(step, is_output)
        else:
            events = self.outputs(step) if is_output else self.inputs(step)
            ids = [event.artifact for event in events if key in (None, event.key)]
        return [self.artifacts[id] for id in ids]

    def _named(self, key: str) -> Collection[tuple[int, int]]:
        """Of each input of a name the step and the artifact."""
        if key not in self._inputs_named:
            self._inputs_named[key] = frozenset(self._read_inputs(key))
        return self._inputs_named[key]

    def _steps(self, artifact: int, is_output: bool) -> Sequence[Step]:
        if self._many():
            return [self.steps[id] for id in self._links.steps_of(artifact, is_output)]
        events = self._events.of("artifact", artifact)
        wanted = "output" if is_output else "input"
        return [self.steps[event.step] for event in events if event.direction == wanted]
