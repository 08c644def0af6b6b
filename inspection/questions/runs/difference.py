"""What changed between two runs: causes and results, nothing that is the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from inspection.answer import Answer
from inspection.evidence.logged import RUN, metrics_of_run, settings_of_run
from inspection.evidence.metrics import Metric, by_key
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.records import Run, Step
from inspection.questions.executions.cache import (
    Difference,
    flat,
    is_circumstance,
    part_name,
)
from inspection.questions.executions.parts import execution_behind, is_whole, output_properties
from inspection.questions.fate.fate import Fate, fate_of_run
from inspection.questions.fate.standing import Standings
from inspection.questions.models.evaluations import measured_by
from inspection.stores.lazy import read_ahead

LEAST_METRIC_CHANGE = 1e-9


@dataclasses.dataclass(frozen=True)
class NodeDifference:
    """What is different about one node. Differences read `before` and `now`."""

    node: str
    before: str | None
    """State in the first run; None when the node was not there."""
    now: str | None
    settings: tuple[Difference, ...]
    outputs: tuple[Difference, ...]
    """Properties of its outputs, such as fingerprints."""


@dataclasses.dataclass(frozen=True)
class MetricDifference:
    """A metric on one slice that is not what it was."""

    node: str
    metric: str
    slice: str
    before: float | None
    now: float | None


@dataclasses.dataclass(frozen=True)
class DifferenceAnswer(Answer):
    """Two runs, the first one held to be before."""

    ROWS = "causes"

    before: str
    now: str
    nodes: tuple[NodeDifference, ...]
    metrics: tuple[MetricDifference, ...]
    fate_before: Fate
    fate_now: Fate

    @property
    def causes(self) -> tuple[Difference, ...]:
        """What people change: settings and code, and the data that came in."""
        return _causes(self.nodes)

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        same_end = (self.fate_before.outcome, self.fate_before.version) == (
            self.fate_now.outcome,
            self.fate_now.version,
        )
        end = "" if same_end else f"; {_end(self.fate_before)} became {_end(self.fate_now)}"
        causes = self.causes
        if not causes:
            return f"Nothing that was recorded changed between {self.before} and {self.now}{end}."
        first = causes[0]
        more = f" and {len(causes) - 1} more" if len(causes) > 1 else ""
        return (
            f"{first.part} changed from {_short(first.before)} to {_short(first.now)}{more}{end}."
        )


def difference(
    history: History,
    before: Run,
    now: Run,
    workspace: Workspace | None = None,
    standings: Standings | None = None,
) -> DifferenceAnswer:
    """Node by node: settings, what came out, and metrics where files are at hand.

    Args:
      history: where both runs are.
      before: the run to compare with.
      now: the other one.
      workspace: holds the evaluations' files.
      standings: to say how pushed versions stand now.
    """
    metrics = list(_moved(RUN, metrics_of_run(before), metrics_of_run(now)))
    if workspace:
        for node, (old, new) in _pairs(history, before, now):
            metrics += _metrics(history, workspace, node, old, new)
    return DifferenceAnswer(
        before.name,
        now.name,
        _nodes(history, before, now),
        tuple(metrics),
        fate_of_run(history, before, workspace, standings),
        fate_of_run(history, now, workspace, standings),
    )


def causes_of(history: History, before: Run, now: Run) -> tuple[Difference, ...]:
    """What people changed between two runs, without what came of it."""
    return _causes(_nodes(history, before, now))


def _causes(nodes: Iterable[NodeDifference]) -> tuple[Difference, ...]:
    return tuple(
        dataclasses.replace(each, part=f"{node.node}: {each.part}")
        for node in nodes
        for each in (*node.settings, *node.outputs)
        if not is_circumstance(each.part)
    )


def _nodes(history: History, before: Run, now: Run) -> tuple[NodeDifference, ...]:
    steps = [*history.last_steps_of(before.id), *history.last_steps_of(now.id)]
    read_ahead(steps)
    read_ahead(made for step in steps for made in history.output_artifacts(step.id))
    pairs = _pairs(history, before, now)
    nodes = [_node(history, node, old, new) for node, (old, new) in pairs]
    logged = _logged(before, now)
    whole = NodeDifference(RUN, before.state, now.state, logged, ()) if logged else None
    return tuple(filter(None, (whole, *nodes)))


def _logged(before: Run, now: Run) -> tuple[Difference, ...]:
    """What people logged about the runs themselves as parameters."""
    old, new = settings_of_run(before), settings_of_run(now)
    return tuple(
        Difference(f"setting {name}", old.get(name), new.get(name))
        for name in sorted({**old, **new})
        if old.get(name) != new.get(name)
    )


def _pairs(
    history: History, before: Run, now: Run
) -> Iterator[tuple[str, tuple[Step | None, Step | None]]]:
    """The steps of both runs, node by node."""
    old = {step.node: step for step in history.last_steps_of(before.id)}
    new = {step.node: step for step in history.last_steps_of(now.id)}
    for node in dict.fromkeys((*new, *old)):
        yield node, (old.get(node), new.get(node))


def _node(
    history: History, node: str, before: Step | None, now: Step | None
) -> NodeDifference | None:
    settings: list[Difference] = []
    outputs: list[Difference] = []
    if before and now:
        old, new = execution_behind(history, before), execution_behind(history, now)
        settings = list(_differences(old, new, flat(old.properties), flat(new.properties)))
        if old.type != new.type:
            settings.insert(0, Difference("component", old.type, new.type))
        outputs = list(
            _differences(old, new, output_properties(history, old), output_properties(history, new))
        )
    if before and now and not settings and not outputs and before.state == now.state:
        return None
    return NodeDifference(
        node,
        before.state if before else None,
        now.state if now else None,
        tuple(settings),
        tuple(outputs),
    )


def _differences(
    before: Step, now: Step, old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[Difference]:
    for key in sorted(old.keys() | new.keys()):
        unknown = (key not in old and not is_whole(before)) or (
            key not in new and not is_whole(now)
        )
        if old.get(key) != new.get(key) and not key.startswith("__") and not unknown:
            yield Difference(part_name(key), old.get(key), new.get(key))


def _metrics(
    history: History, workspace: Workspace, node: str, before: Step | None, now: Step | None
) -> Iterator[MetricDifference]:
    if before is None or now is None:
        return  # A run that did not get there measured nothing; its fate says so.
    measured = (measured_by(history, workspace, step.id) for step in (before, now))
    yield from _moved(node, *measured)


def _moved(
    node: str, before: Iterable[Metric], now: Iterable[Metric]
) -> Iterator[MetricDifference]:
    old, new = by_key(before), by_key(now)
    for metric, slice_name in {**new, **old}:
        was, is_now = old.get((metric, slice_name)), new.get((metric, slice_name))
        moved = None if was is None or is_now is None else abs(was.value - is_now.value)
        if moved is None or moved > LEAST_METRIC_CHANGE:
            yield MetricDifference(
                node,
                metric,
                slice_name,
                was.value if was else None,
                is_now.value if is_now else None,
            )


def _end(fate: Fate) -> str:
    version = f" version {fate.version}" if fate.version is not None else ""
    model = f" (a{fate.model})" if fate.model is not None else ""
    return f"{fate.outcome.replace('_', ' ')}{version}{model}"


def _short(value: str | None) -> str:
    if value is None:
        return "nothing"
    return value if len(value) <= 40 else f"{value[:16]}…"
