"""Why a step ran, or did not: what differed from the last time its node succeeded."""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence

from inspection.answer import Answer
from inspection.history.history import History
from inspection.history.ids import short
from inspection.history.records import Artifact, Step, Value
from inspection.history.states import SUCCESSFUL

_DEPTH = 20
"""How far a cause is followed upstream; no real pipeline is deeper."""


@dataclasses.dataclass(frozen=True)
class Difference:
    """One part of the cache key that differs. Values are texts for people; None is absent."""

    part: str
    """`input examples`, `setting custom_config.training.epochs`, `code`, …"""
    before: str | None
    now: str | None


@dataclasses.dataclass(frozen=True)
class CacheAnswer(Answer):
    """Why a step was (not) a cache hit."""

    ROWS = "differences"

    step: int
    node: str
    cached: bool
    compared_with: int | None
    """The execution that was compared: for a cache hit the one whose outputs were taken."""
    differences: tuple[Difference, ...]
    because: CacheAnswer | None = None
    """Why the step ran that made the input which differs."""

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        name = f"{self.node} (s{self.step})"
        if self.cached:
            return (
                f"{name} was cached: inputs, settings and code are those of s{self.compared_with}, "
                "whose outputs it took."
            )
        if self.compared_with is None:
            return f"{name} was not cached: no earlier execution of {self.node} succeeded."
        if not self.differences:
            return (
                f"{name} was not cached although nothing recorded differs from "
                f"s{self.compared_with}: the cache was switched off, the outputs were gone "
                "or damaged, or code that is not in the settings changed."
            )
        first = self.differences[0]
        more = f" ({len(self.differences) - 1} more)" if len(self.differences) > 1 else ""
        return f"{name} was not cached: {first.part} differs from s{self.compared_with}{more}."

    @property
    def root(self) -> CacheAnswer:
        """The first cause: the step furthest upstream that explains this one."""
        return self.because.root if self.because else self


def why_cached(history: History, step: Step, depth: int = 0) -> CacheAnswer:
    """Compares a step with the last successful execution of its node before it.

    ML Metadata keeps the cache key as a hash only. So what is hashed is compared: inputs, and
    execution properties, which hold settings and code hashes.
    """
    if step.state == "cached":
        source = source_of(history, step)
        return CacheAnswer(step.id, step.node, True, source.id if source else None, ())
    earlier = _last_success(history, step)
    if earlier is None:
        return CacheAnswer(step.id, step.node, False, None, ())
    settings = _setting_differences(earlier, step)
    inputs, changed = _input_differences(history, earlier, step)
    because = None
    if changed and depth < _DEPTH and all(is_circumstance(each.part) for each in settings):
        producer = history.producer(changed[0].id)
        if producer and producer.run == step.run and producer.state != "cached":
            because = why_cached(history, producer, depth + 1)
    differences = sorted([*settings, *inputs], key=_causes_first)
    return CacheAnswer(step.id, step.node, False, earlier.id, tuple(differences), because)


def source_of(history: History, step: Step) -> Step | None:
    """The step that really made what a cached step has as outputs."""
    for artifact in history.output_artifacts(step.id):
        producer = history.producer(artifact.id)
        if producer and producer.id != step.id:
            return producer
    return None


def _last_success(history: History, step: Step) -> Step | None:
    """A cache hit stands for the execution it repeats, which has all properties recorded."""
    pipeline = history.pipeline_of(step)
    steps = history.steps
    for id in reversed(steps):
        if id >= step.id or steps.node_of(id) != step.node or steps.state_of(id) not in SUCCESSFUL:
            continue
        earlier = steps[id]
        if earlier.run is None or history.pipeline_of(earlier) == pipeline:
            return (source_of(history, earlier) if earlier.state == "cached" else None) or earlier
    return None


def _setting_differences(before: Step, now: Step) -> list[Difference]:
    old, new = flat(before.properties), flat(now.properties)
    if before.type != now.type:
        return [Difference("component", before.type, now.type)]
    return [
        Difference(part_name(key), old.get(key), new.get(key))
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key) and not key.startswith("__")
    ]


_OF_USER = re.compile(r"(?:^|\.)code\.(?:(\w+)\.)?digest$")
"""What a function of the user's reaches: of `preprocess` or `network`, or of `examples`."""
_LOOKED_UP = ("live_version", "live_digest", "push_id", "content_digest", "baseline_digest")


def is_circumstance(part: str) -> bool:
    """Whether nobody decided it: what is in a base path or a file, which drivers look up."""
    return part.removeprefix("setting ") in _LOOKED_UP


def _causes_first(difference: Difference) -> int:
    """Settings and code are what people change on purpose; the rest mostly follows."""
    if is_circumstance(difference.part):
        return 2
    return int(difference.part.startswith("input "))


def part_name(key: str) -> str:
    """The part of a cache key in words."""
    users = _OF_USER.search(key)
    if users:
        return f"your {users[1] or 'examples'}"
    return "code" if key.rpartition(".")[2] == "code_hash" else f"setting {key}"


def _input_differences(
    history: History, before: Step, now: Step
) -> tuple[list[Difference], list[Artifact]]:
    old, new = _inputs(history, before), _inputs(history, now)
    found, changed = [], []
    for key in sorted(old.keys() | new.keys()):
        if [a.id for a in old.get(key, ())] != [a.id for a in new.get(key, ())]:
            found.append(Difference(f"input {key}", _listed(old.get(key)), _listed(new.get(key))))
            changed += [a for a in new.get(key, ()) if a not in old.get(key, ())]
    return found, changed


def _inputs(history: History, step: Step) -> Mapping[str, Sequence[Artifact]]:
    found: dict[str, list[Artifact]] = {}
    for event in history.inputs(step.id):
        found.setdefault(event.key, []).append(history.artifacts[event.artifact])
    return found


def _listed(artifacts: Sequence[Artifact] | None) -> str | None:
    return ", ".join(map(short, artifacts)) if artifacts else None


def flat(properties: Mapping[str, Value], about: str = "") -> dict[str, str]:
    """Properties by dotted name: a configuration in JSON is taken apart, down to its leaves.

    Args:
      properties: of a record.
      about: a part of a name, in lower case; what cannot have a name with it is left out.
    """
    return {
        key: value
        for name, found in properties.items()
        if not about or about in name.lower() or _may_name(about, found)
        for key, value in _parts(name, found)
    }


def _may_name(part: str, value: Value) -> bool:
    """Whether a name inside a configuration may hold `part`, written plainly or not."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return False
    return part in value.lower() or "\\" in value


def _parts(name: str, value: Value) -> Sequence[tuple[str, str]]:
    """Most runs have the same long configurations: those are taken apart once."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        return _parts_of_text(name, value)
    return list(_leaves(name, value))


@functools.lru_cache(maxsize=512)
def _parts_of_text(name: str, value: str) -> Sequence[tuple[str, str]]:
    return list(_leaves(name, value))


def _leaves(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            yield name, str(value)
            return
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(f"{name}.{key}", inner)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for index, inner in enumerate(value):
            yield from _leaves(f"{name}[{index}]", inner)
    elif value is None or isinstance(value, (bool, list, dict)):
        yield name, json.dumps(value, ensure_ascii=False)
    else:
        yield name, f"{value:g}" if isinstance(value, float) else str(value)
