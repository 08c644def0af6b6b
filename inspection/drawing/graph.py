"""The graph of a run, and the lineage of anything."""

from __future__ import annotations

import dataclasses
import itertools
import unicodedata
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

from inspection.drawing.layers import Box, Line, place
from inspection.history.history import History
from inspection.history.ids import Record, short
from inspection.history.pushes import pushed_version, was_pushed
from inspection.history.records import Artifact, Run, Step
from inspection.history.steps_shown import steps_shown
from inspection.questions.lineage import Lineage
from inspection.times import duration

MOST_NODES = 200
"""A lineage is drawn up to so many nodes, the nearest ones, and of a run so many steps; more nobody
can read."""
MOST_ALIKE = 8
"""Of more steps of one node, or artifacts of one type, the newest are drawn."""
_WIDTH, _HEIGHT = 200, 44
_MARGIN = 8
_TITLE_SIZE, _NOTE_SIZE = 13.0, 11.5


@dataclasses.dataclass(frozen=True)
class Node:
    """A box with two lines of text."""

    record: Record
    kind: Literal["step", "artifact"]
    state: str
    title: str
    note: str
    tip: str
    box: Box
    is_start: bool

    @property
    def id(self) -> str:
        return short(self.record)


@dataclasses.dataclass(frozen=True)
class Graph:
    """What a template draws."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    total: int
    """How many nodes there are with those that were left out."""


def run_graph(history: History, run: Run) -> Graph:
    """The steps of a run, and which of them read what another one wrote."""
    # Of groups the names of their nodes tell.
    of_run = [step for step in history.steps_of(run.id) if not step.is_group]
    steps = {short(step): step for step in steps_shown(of_run, MOST_NODES)}
    writer = {
        event.artifact: short(step) for step in steps.values() for event in history.outputs(step.id)
    }
    edges = [
        (writer[event.artifact], name)
        for name, step in steps.items()
        for event in history.inputs(step.id)
        if event.artifact in writer
    ]
    return _graph(steps, edges, frozenset(), len(of_run))


def lineage_graph(
    history: History,
    lineage: Lineage,
    most: int = MOST_NODES,
    word_of: Callable[[Artifact], str | None] = lambda artifact: None,
) -> Graph:
    """Steps and artifacts; of a large lineage the newest of each kind, nearest to its start.

    Hundreds of runs that share their data are as many chains that look alike.

    Args:
      history: where the records are.
      lineage: what to draw.
      most: so many nodes at most.
      word_of: the fate of a model or version, which is drawn with it.
    """
    records: dict[str, Record] = {
        **{f"s{id}": history.steps[id] for id in lineage.steps},
        **{f"a{id}": history.artifacts[id] for id in lineage.artifacts},
    }
    newest = _newest(records, lineage)
    edges = [
        (edge.source, edge.target)
        for edge in lineage.edges
        if edge.source in newest and edge.target in newest
    ]
    chosen = _nearest(lineage.start, edges, most)
    drawn = {name: record for name, record in records.items() if name in chosen}
    return _graph(drawn, edges, frozenset(lineage.start), len(records), word_of)


def _newest(records: Mapping[str, Record], lineage: Lineage) -> set[str]:
    """The names of MOST_ALIKE records of each kind, the nearest to the start of a lineage and of
    those the newest, and of all that it starts at."""
    alike: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for name, record in reversed(list(records.items())):  # the newest first
        title = record.node if isinstance(record, Step) else getattr(record, "type", "")
        alike[name[0], title].append(name)
    far = _distances(lineage.start, [(edge.source, edge.target) for edge in lineage.edges])
    found = set(lineage.start)
    for names in alike.values():
        if len(names) > MOST_ALIKE:
            names.sort(key=lambda name: far.get(name, len(records)))
        found.update(names[:MOST_ALIKE])
    return found


def _nearest(start: Iterable[str], edges: Sequence[tuple[str, str]], most: int) -> set[str]:
    return set(itertools.islice(_distances(start, edges), most))


def _distances(start: Iterable[str], edges: Iterable[tuple[str, str]]) -> dict[str, int]:
    """How many lines there are to each name that can be reached, the nearest first."""
    near: defaultdict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        near[source].append(target)
        near[target].append(source)
    found = dict.fromkeys(start, 0)
    waiting = deque(found)
    while waiting:
        name = waiting.popleft()
        for other in near[name]:
            if other not in found:
                found[other] = found[name] + 1
                waiting.append(other)
    return found


def _graph(
    records: Mapping[str, Record],
    edges: Iterable[tuple[str, str]],
    start: frozenset[str],
    total: int,
    word_of: Callable[[Artifact], str | None] = lambda artifact: None,
) -> Graph:
    layout = place(list(records), edges, width=_WIDTH, height=_HEIGHT)
    nodes = tuple(
        _node(record, layout.boxes[name], name in start, word_of)
        for name, record in records.items()
    )
    return Graph(layout.width, layout.height, nodes, layout.lines, total)


def _node(
    record: Record, box: Box, is_start: bool, word_of: Callable[[Artifact], str | None]
) -> Node:
    name = short(record)
    if isinstance(record, Step):
        took = duration(record.seconds) if record.state == "complete" else record.state
        tip = f"{record.node} ({name}): {record.state} {duration(record.seconds)}".rstrip()
        return Node(
            record,
            "step",
            record.state,
            _cut(record.node),
            _cut(f"{name} · {took}", _NOTE_SIZE),
            tip,
            box,
            is_start,
        )
    assert isinstance(record, Artifact)
    version, word = pushed_version(record) if was_pushed(record) else None, word_of(record)
    note = " · ".join(filter(None, (name, word, str(version) if version is not None else None)))
    told = f", {word}" if word else ""
    tip = f"{record.type} ({name}){told}: {record.uri}"
    state = word.replace(" ", "_") if word else record.state
    return Node(
        record,
        "artifact",
        state,
        _cut(_plain(record.type)),
        _cut(note, _NOTE_SIZE),
        tip,
        box,
        is_start,
    )


def _plain(type_name: str) -> str:
    """Without the module that Kubeflow demands in the name of a type."""
    return type_name.rpartition(".")[2]


def _cut(text: str, size: float = _TITLE_SIZE) -> str:
    """As much of a text as fits into a box, whatever letters it has."""
    room = (_WIDTH - 2 * _MARGIN) / size
    if sum(map(_width, text)) <= room:
        return text
    room -= 1.0  # for the dots
    for index, character in enumerate(text):
        room -= _width(character)
        if room < 0:
            return f"{text[:index]}…"
    return text


def _width(character: str) -> float:
    """Of a letter at most, in parts of the size of its font."""
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    if character in "mwMW@%—":
        return 0.95
    return 0.74 if character.isupper() else 0.6
