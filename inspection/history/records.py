"""What a metadata store holds, as plain data: artifacts, steps, events, runs."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Literal

Value = int | float | str
"""A property's value; a struct is JSON text, bool is int, and other protos are named."""

Direction = Literal["input", "output"]


@dataclasses.dataclass(frozen=True, slots=True)
class Artifact:
    """A piece of data that a step read or wrote."""

    id: int
    type: str
    name: str | None
    uri: str
    state: str
    """Lower case, MLMD's words: live, pending, deleted, abandoned, reference, unknown."""
    properties: Mapping[str, Value]
    """Declared and custom ones together; of two with one name the declared one counts."""
    created: datetime.datetime | None
    updated: datetime.datetime | None
    base: str | None = None
    """What its type is declared to be a kind of: `Model`, `Dataset`, `Metrics`, `Statistics`."""

    @property
    def title(self) -> str:
        """A name for people; many stores give artifacts none, or none but a type."""
        return str(self.name or self.properties.get("display_name") or self.type or "artifact")


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One execution of a node."""

    id: int
    type: str
    node: str
    """The node's id in its pipeline, such as `Trainer`."""
    state: str
    """Lower case, MLMD's words: new, running, complete, cached, failed, canceled, unknown; and
    killed, which MLMD calls running, or failed once the next run found it; and skipped, which
    Kubeflow calls canceled: its condition was not met."""
    run: int | None
    """Id of the run it belongs to; None when the store does not say."""
    started: datetime.datetime | None
    ended: datetime.datetime | None
    """None while it is running."""
    properties: Mapping[str, Value]
    is_group: bool = False
    """Whether it stands for a part of the graph, such as a loop, and not for a node."""
    pipeline: str = ""
    """Its name; empty where the store does not say."""

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it is running, where times were not recorded, and where a
        clock was set back meanwhile."""
        return _seconds(self.started, self.ended)


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """A step read an artifact, or wrote it."""

    step: int
    artifact: int
    direction: Direction
    key: str
    """Name of the input or output, such as `examples`."""
    index: int
    """Place among the artifacts of that key."""


@dataclasses.dataclass(frozen=True, slots=True)
class ContextLine:
    """A context of any type: what executions are grouped by."""

    id: int
    type: str
    name: str
    created: datetime.datetime | None
    steps: int
    """How many executions it has."""


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """One run of a pipeline."""

    id: int
    name: str
    pipeline: str
    """Its name for people; empty where the store does not say."""
    steps: tuple[int, ...]
    """Ids in the order in which the steps were started."""
    started: datetime.datetime | None
    ended: datetime.datetime | None
    """When its last step ended; None while one is running."""
    state: str
    """running, killed, failed, canceled or complete; new without any step, and unknown where the
    store does not say how a step ended."""
    properties: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    """Of its context: documents.run_record says what the local runner puts there."""
    pipelines: tuple[str, ...] = ("",)
    """Several where pipelines gave runs of theirs the same name: ML Metadata keeps those as one."""
    type: str = ""
    """Of its context, which tells who records it: `pipeline_run`, `system.ExperimentRun`, …"""

    @property
    def seconds(self) -> float | None:
        """From its first step's start to its last step's end; None likewise."""
        return _seconds(self.started, self.ended)


def _seconds(start: datetime.datetime | None, end: datetime.datetime | None) -> float | None:
    if start is None or end is None or end < start:
        return None
    return (end - start).total_seconds()
