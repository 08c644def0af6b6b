"""What there is: runs, steps, artifacts, how they hang together and how they differ."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence

from documents.terminal.counted import counted
from inspection.commands.notes import noted
from inspection.commands.sources import Sources, WrongQuestionError
from inspection.evidence.logged import metrics_of_run, settings_of_run
from inspection.files.notes import read_notes
from inspection.history.history import History
from inspection.history.ids import Record, resolve, resolve_run, short
from inspection.history.pushes import PUSHED, pushed_version
from inspection.history.records import Artifact, Event, Run, Step
from inspection.history.steps_shown import told_state
from inspection.questions.browse import browse
from inspection.questions.fate.fate import fate_of_run, word_of
from inspection.questions.lineage import Lineage, Reach, lineage
from inspection.questions.models.models import is_model
from inspection.questions.runs.difference import difference
from inspection.questions.runs.filter import Condition, RunFilter
from inspection.questions.runs.runs import changes_told, list_runs, pipelines, step_counts
from inspection.reply import Many, Reply, number, table
from inspection.reports import diagrams
from inspection.times import at_utc, duration, parse_moment

MOST_NAMED = 6
_REACHES = {"up": "upstream of", "down": "downstream of", "both": "connected to"}


def runs(sources: Sources, options: argparse.Namespace) -> Reply:
    since = parse_moment(options.since, sources.now) if options.since else None
    if options.since and since is None:
        raise WrongQuestionError(
            f"--since {options.since!r} is no time; write 2026-11-23 09:00 (UTC), or 7d."
        )
    answer = list_runs(
        sources.history,
        sources.workspace,
        last=None if options.all else options.last,
        skip=0 if options.all else options.last * (options.page - 1),
        wanted=RunFilter(
            options.pipeline,
            options.fate.replace(" ", "_") if options.fate else None,
            since,
            options.order,
            options.state,
            tuple(map(Condition.parse, options.where)),
            options.tag,
        ),
        standings=sources.standings,
        notes=read_notes(sources.workspace),
    )
    several = len(pipelines(sources.history)) > 1
    rows = [
        (
            f"r{line.id}",
            at_utc(line.started) if line.started else "",
            duration(line.seconds),
            line.outcome.replace("_", " "),
            line.version,
            line.fate.replace("_", " "),
            step_counts(line),
            changes_told(line),
            " ".join(line.tags),
            line.name,
            *((line.pipeline,) if several else ()),
        )
        for line in answer.lines
    ]
    header: tuple[str, ...] = (
        "id",
        "started",
        "took",
        "outcome",
        "version",
        "now",
        "steps",
        "changed",
        "tags",
        "run",
        *(("pipeline",) if several else ()),
    )
    return Reply(answer.headline, answer, table(header, rows))


def browsing(sources: Sources, options: argparse.Namespace) -> Reply:
    answer = browse(sources.history, options.kind, type=options.type, last=options.last)
    rows = [
        (
            line.id,
            line.type,
            line.name,
            line.state,
            at_utc(line.time) if line.time else "",
            line.where,
        )
        for line in answer.lines
    ]
    document = {
        "kind": answer.kind,
        "total": answer.total,
        "types": answer.types,
        "lines": [dataclasses.replace(line, record=None) for line in answer.lines],
    }
    header = ("id", "type", "name", "state", "time", "where")
    return Reply(answer.headline, document, table(header, rows))


def show(sources: Sources, options: argparse.Namespace) -> Reply:
    record = resolve(sources.history, options.id)
    if isinstance(record, Run):
        return _run_shown(sources, record)
    if isinstance(record, Step):
        return _step_shown(sources.history, record)
    return _artifact_shown(sources, record)


def _run_shown(sources: Sources, run: Run) -> Reply:
    history = sources.history
    rows = [
        (
            short(step),
            step.node,
            told_state(history, step),
            duration(step.seconds),
            _listed(history, step),
        )
        for step in history.steps_of(run.id)
    ]
    fate = fate_of_run(history, run, sources.workspace, sources.standings)
    logged = [(each.metric, f"{each.value:g}") for each in metrics_of_run(run)]
    logged += [(name, value) for name, value in settings_of_run(run).items()]
    return Reply(
        f"Run {run.name} ({short(run)}) of {run.pipeline}: {fate.headline}",
        run,
        (
            *table(("id", "node", "state", "took", "outputs"), rows),
            *table(("logged", ""), logged),
            *noted(sources, run),
        ),
    )


def _step_shown(history: History, step: Step) -> Reply:
    events = [*history.inputs(step.id), *history.outputs(step.id)]
    run = f" of {history.runs[step.run].name}" if step.run is not None else ""
    headline = f"{step.node} ({short(step)}){run}: {told_state(history, step)}"
    lines = _facts(history, step, events)
    return Reply(f"{headline} {duration(step.seconds)}".rstrip(), step, lines)


def _artifact_shown(sources: Sources, artifact: Artifact) -> Reply:
    history = sources.history
    lines = _facts(history, artifact, history.events_of(artifact.id))
    headline = f"{artifact.type} {short(artifact)}{_state(sources, artifact)}: {artifact.uri}"
    return Reply(headline, artifact, (*lines, *noted(sources, artifact)))


def _facts(history: History, record: Step | Artifact, events: Sequence[Event]) -> tuple[str, ...]:
    """What it read, wrote, or was read by, and its properties."""
    rows = [(event.direction, event.key, *_other(history, record, event)) for event in events]
    facts = [f"{key}: {value}" for key, value in sorted(record.properties.items())]
    return (*table(("", "key", "id", "what"), rows), *facts)


def _state(sources: Sources, artifact: Artifact) -> str:
    """The fate of a model or version; ML Metadata's own word only where it says something."""
    word = word_of(sources.history, artifact, sources.workspace, sources.standings)
    if word:
        version = pushed_version(artifact) if artifact.type == PUSHED else None
        return f", version {version}, {word}" if version is not None else f", {word}"
    return "" if artifact.state in ("live", "unknown") else f", {artifact.state}"


def trace(sources: Sources, options: argparse.Namespace) -> Reply:
    history, record = sources.history, resolve(sources.history, options.id)
    reach: Reach = "up" if options.up else "down" if options.down else "both"
    found = lineage(history, record, reach)
    headline = (
        f"{counted(len(found.steps), 'step')} and {counted(len(found.artifacts), 'artifact')} are "
        f"{_REACHES[reach]} {short(record)}."
    )
    if reach == "down":
        headline = f"{_models_of(sources, record, found)} {headline}"
    if options.mermaid or options.dot:
        draw = diagrams.mermaid if options.mermaid else diagrams.dot
        return Reply(headline, found, tuple(draw(history, found)), raw=True)
    standings = {
        artifact: sources.standings.of(history.artifacts[artifact]) for artifact in found.artifacts
    }
    served = {
        artifact: f"pushed as version {found.version}, {found.word.replace('_', ' ')}"
        for artifact, found in standings.items()
        if found
    }
    rows = [
        (
            short(step),
            step.node,
            " ".join(f"a{event.artifact}" for event in history.inputs(step.id)),
            " ".join(f"a{event.artifact}" for event in history.outputs(step.id)),
            "; ".join(served[e.artifact] for e in history.outputs(step.id) if e.artifact in served),
        )
        for step in map(history.steps.__getitem__, found.steps)
    ]
    return Reply(headline, found, table(("id", "node", "inputs", "outputs", ""), rows))


def _models_of(sources: Sources, record: Record, found: Lineage) -> str:
    """Which models came of something, what is live first."""
    history = sources.history
    models = [
        artifact
        for artifact in map(history.artifacts.__getitem__, found.artifacts)
        if is_model(history, artifact) and artifact != record
    ]
    words = {
        short(each): word_of(history, each, sources.workspace, sources.standings) or ""
        for each in models
    }
    if not words:
        return f"No model came of {short(record)}."
    live_first = sorted(words.items(), key=lambda each: each[1] != "live")
    told = [f"{name} ({word})" for name, word in live_first[:MOST_NAMED]]
    more = f" and {len(words) - len(told)} more" if len(words) > len(told) else ""
    count = counted(len(words), "model")
    return f"{count} came of {short(record)}: {', '.join(told)}{more}."


def diff(sources: Sources, options: argparse.Namespace) -> Reply:
    before, now = (resolve_run(sources.history, text) for text in (options.before, options.now))
    answer = difference(sources.history, before, now, sources.workspace, sources.standings)
    rows = [
        (node.node, each.part, each.before, each.now)
        for node in answer.nodes
        for each in (*node.settings, *node.outputs)
    ]
    states = [(n.node, "state", n.before, n.now) for n in answer.nodes if n.before != n.now]
    metrics = [
        (each.node, f"{each.metric} on {each.slice}", number(each.before), number(each.now))
        for each in answer.metrics
    ]
    header = ("node", "what", answer.before, answer.now)
    return Reply(answer.headline, answer, table(header, [*rows, *states, *metrics]))


def export(sources: Sources, options: argparse.Namespace) -> Reply:
    history = sources.history
    counts = {
        "runs": len(history.runs),
        "steps": len(history.steps),
        "artifacts": len(history.artifacts),
        "events": history.count_events(),
    }
    document = {
        "runs": Many(history.runs.values()),
        "steps": Many(history.steps.values()),
        "artifacts": Many(history.artifacts.values()),
        "events": Many(history.each_event()),
    }
    told = ", ".join(counted(count, name[:-1]) for name, count in counts.items())
    return Reply(f"The store has {told}; --json prints them.", document)


def _listed(history: History, step: Step) -> str:
    return " ".join(f"{short(a)} {a.type}" for a in history.output_artifacts(step.id))


def _other(history: History, record: Record, event: Event) -> tuple[str, str]:
    if isinstance(record, Step):
        artifact: Artifact = history.artifacts[event.artifact]
        return short(artifact), f"{artifact.type} {artifact.uri}"
    step = history.steps[event.step]
    return short(step), step.node
