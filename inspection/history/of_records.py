"""What a reader may tell faster, told of records: types, places, links, inputs. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence

from inspection.history.records import Artifact, Event

Place = tuple[int, str, str]
"""Id, uri and state of an artifact."""


def types_of(artifacts: Mapping[int, Artifact]) -> Iterator[tuple[int, str]]:
    """The id and type of each."""
    return ((each.id, each.type) for each in artifacts.values())


def places_of(artifacts: Mapping[int, Artifact]) -> Iterator[Place]:
    """The id, uri and state of each."""
    return ((each.id, each.uri, each.state) for each in artifacts.values())


def links_of(events: Iterable[Event]) -> Sequence[array[int]]:
    """The columns of inspection.history.links: steps, artifacts, and whether it is an output."""
    columns = array("q"), array("q"), array("q")
    for event in events:
        values = event.step, event.artifact, event.direction == "output"
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    return columns


def inputs_of(events: Iterable[Event], key: str) -> Iterator[tuple[int, int]]:
    """The step and the artifact of each input of a name."""
    for event in events:
        if event.direction == "input" and event.key == key:
            yield event.step, event.artifact
