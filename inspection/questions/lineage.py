"""What led to a thing, and what came of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Literal

from documents.terminal.counted import counted
from inspection.answer import Answer
from inspection.history.history import History
from inspection.history.ids import Record
from inspection.history.records import Artifact, Run, Step

Reach = Literal["up", "down", "both"]


@dataclasses.dataclass(frozen=True)
class Edge:
    """From a step to an artifact that it made, or from an artifact to a step that read it."""

    source: str
    """Short id."""
    target: str
    key: str


@dataclasses.dataclass(frozen=True)
class Lineage(Answer):
    """A part of the graph; steps that only took a cached output are left out."""

    ROWS = "edges"

    start: tuple[str, ...]
    steps: tuple[int, ...]
    artifacts: tuple[int, ...]
    edges: tuple[Edge, ...]

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        steps, artifacts = (
            counted(len(self.steps), "step"),
            counted(len(self.artifacts), "artifact"),
        )
        return f"{steps} and {artifacts} are connected to {', '.join(self.start)}."


def lineage(history: History, record: Record, reach: Reach = "both") -> Lineage:
    """Everything upstream, downstream, or both, of a record.

    Args:
      history: where to look.
      record: an artifact, a step, or a run, which stands for its steps.
      reach: `up` to what it was made from, `down` to what was made from it.
    """
    steps, artifacts = _start(history, record)
    start = tuple(f"a{id}" for id in artifacts) + tuple(f"s{id}" for id in steps)
    found_steps, found_artifacts = set(steps), set(artifacts)
    for direction in ("up", "down"):
        if reach in (direction, "both"):
            more_steps, more_artifacts = _reached(history, steps, artifacts, direction == "up")
            found_steps |= more_steps
            found_artifacts |= more_artifacts
    return Lineage(
        start=start,
        steps=tuple(sorted(found_steps)),
        artifacts=tuple(sorted(found_artifacts)),
        edges=tuple(_edges(history, found_steps, found_artifacts)),
    )


def ancestors(history: History, *artifacts: int) -> Sequence[Artifact]:
    """All artifacts that went into these, themselves not among them, oldest first."""
    _, found = _reached(history, [], artifacts, up=True)
    return [history.artifacts[id] for id in sorted(found.difference(artifacts))]


def descendants(history: History, artifact: int) -> Sequence[Artifact]:
    """All artifacts that came of one, itself not among them, oldest first."""
    _, found = _reached(history, [], [artifact], up=False)
    return [history.artifacts[id] for id in sorted(found - {artifact})]


def _start(history: History, record: Record) -> tuple[Sequence[int], Sequence[int]]:
    if isinstance(record, Artifact):
        return [], [record.id]
    if isinstance(record, Step):
        return [record.id], [event.artifact for event in history.outputs(record.id)]
    assert isinstance(record, Run)
    ran = [step for step in history.steps_of(record.id) if step.state != "cached"]
    outputs = {event.artifact for step in record.steps for event in history.outputs(step)}
    return [step.id for step in ran], sorted(outputs)


def _reached(
    history: History, steps: Iterable[int], artifacts: Iterable[int], up: bool
) -> tuple[set[int], set[int]]:
    """Breadth first; every step and artifact is visited once."""
    found_steps, found_artifacts = set(steps), set(artifacts)
    open_steps, open_artifacts = list(found_steps), list(found_artifacts)
    while open_steps or open_artifacts:
        for artifact in open_artifacts:
            if up:
                producer = history.producer(artifact)
                near = [producer] if producer else []
            else:
                near = [step for step in history.consumers(artifact) if step.state != "cached"]
            for step in near:
                if step.id not in found_steps:
                    found_steps.add(step.id)
                    open_steps.append(step.id)
        open_artifacts = []
        for id in open_steps:
            for event in history.inputs(id) if up else history.outputs(id):
                if event.artifact not in found_artifacts:
                    found_artifacts.add(event.artifact)
                    open_artifacts.append(event.artifact)
        open_steps = []
    return found_steps, found_artifacts


def _edges(history: History, steps: set[int], artifacts: set[int]) -> Iterable[Edge]:
    for step in sorted(steps):
        for event in history.inputs(step):
            if event.artifact in artifacts:
                yield Edge(f"a{event.artifact}", f"s{step}", event.key)
        for event in history.outputs(step):
            if event.artifact in artifacts:
                yield Edge(f"s{step}", f"a{event.artifact}", event.key)
