"""The commands of `python -m inspection`: from arguments to a reply, by way of one question."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from documents import writer
from documents.provenance import Provenance
from inspection import diagrams
from inspection.base_path import BasePath, find_base_paths, read_base_path
from inspection.history import History
from inspection.ids import Record, UnknownIdError, resolve, resolve_run, short
from inspection.pushes import PUSHED, pushed_version
from inspection.questions.browse import browse
from inspection.questions.cache import why_cached
from inspection.questions.difference import compare_runs
from inspection.questions.drift import drift
from inspection.questions.failure import why_failed
from inspection.questions.fate import fate_of_model, fate_of_run, word_of
from inspection.questions.garbage import described, garbage, in_bytes
from inspection.questions.lineage import Reach, lineage
from inspection.questions.models import model_of
from inspection.questions.rebuild import RebuildAnswer, compared, rebuild_model, rebuild_version
from inspection.questions.runs import list_runs, step_counts
from inspection.questions.serving import ServingAnswer, serving, serving_in_store
from inspection.questions.standing import Standings
from inspection.questions.variants import variants_of
from inspection.records import Artifact, Run, Step
from inspection.replies import (
    cache_reply,
    failure_reply,
    fate_reply,
    number,
    rebuild_reply,
    variants_reply,
)
from inspection.reply import Reply, table
from inspection.when import at_utc, duration, parse_age, parse_moment
from inspection.workspace import Workspace

NOT_FOUND = 404
_REACHES = {"up": "upstream of", "down": "downstream of", "both": "connected to"}


class QuestionError(ValueError):
    """The question cannot be answered as it was asked; the message says what would help."""


class Sources:
    """What a command may ask: the store, the files around it, base paths."""

    def __init__(
        self,
        history: History | None,
        workspace: Workspace,
        base_path: str | None,
        now: datetime.datetime,
    ) -> None:
        self._history = history
        self.workspace = workspace
        self._base_path = base_path
        self.now = now

    @property
    def history(self) -> History:
        assert self._history is not None  # Commands that can do without ask has_store first.
        return self._history

    @functools.cached_property
    def bases(self) -> Sequence[BasePath]:
        """The base path that was named, or all that can be found."""
        paths = (
            [self._base_path] if self._base_path else find_base_paths(self._history, self.workspace)
        )
        return [read_base_path(path) for path in paths]

    @functools.cached_property
    def standings(self) -> Standings:
        """How pushed versions stand now."""
        return Standings(self.history, self.workspace, self.bases)

    @property
    def has_store(self) -> bool:
        return self._history is not None


def runs(sources: Sources, options: argparse.Namespace) -> Reply:
    answer = list_runs(
        sources.history,
        sources.workspace,
        last=None if options.all else options.last,
        standings=sources.standings,
    )
    rows = [
        (
            f"r{line.id}",
            at_utc(line.started) if line.started else "",
            duration(line.seconds),
            line.outcome.replace("_", " "),
            line.version,
            line.fate.replace("_", " "),
            step_counts(line),
            line.name,
        )
        for line in answer.lines
    ]
    header = ("id", "started", "took", "outcome", "version", "now", "steps", "run")
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
    history, record = sources.history, resolve(sources.history, options.id)
    if isinstance(record, Run):
        rows = [
            (short(step), step.node, step.state, duration(step.seconds), _listed(history, step))
            for step in history.steps_of(record.id)
        ]
        fate = fate_of_run(history, record, sources.workspace, sources.standings)
        header = ("id", "node", "state", "took", "outputs")
        headline = f"Run {record.name} ({short(record)}) of {record.pipeline}: {fate.headline}"
        return Reply(headline, record, table(header, rows))
    if isinstance(record, Step):
        found = [*history.inputs(record.id), *history.outputs(record.id)]
    else:
        found = [*history.events_of(record.id)]
    events = [(event.direction, event.key, *_other(history, record, event)) for event in found]
    facts = [f"{key}: {value}" for key, value in sorted(record.properties.items())]
    lines = (*table(("", "key", "id", "what"), events), *facts)
    if isinstance(record, Step):
        run = f" of {history.runs[record.run].name}" if record.run is not None else ""
        headline = (
            f"{record.node} ({short(record)}){run}: {record.state} {duration(record.seconds)}"
        )
        return Reply(headline.rstrip(), record, lines)
    state = _state(sources, record)
    return Reply(f"{record.type} {short(record)}{state}: {record.uri}", record, lines)


def _state(sources: Sources, artifact: Artifact) -> str:
    """The fate of a model or version; ML Metadata's own word only where it says something."""
    word = word_of(sources.history, artifact, sources.workspace, sources.standings)
    if word:
        version = pushed_version(artifact) if artifact.type == PUSHED else None
        return f", version {version}, {word}" if version is not None else f", {word}"
    return "" if artifact.state in ("live", "unknown") else f", {artifact.state}"


def why(sources: Sources, options: argparse.Namespace) -> Reply:
    if not sources.has_store:
        return _why_version(sources, options.id)
    history, record = sources.history, resolve(sources.history, options.id)
    if isinstance(record, Step) and record.state in ("complete", "cached"):
        return cache_reply(why_cached(history, record))
    if isinstance(record, Step):
        record = resolve_run(history, short(record))
    if isinstance(record, Run):
        fate = fate_of_run(history, record, sources.workspace, sources.standings)
        if fate.outcome in ("failed", "killed"):
            return failure_reply(why_failed(history, record, sources.workspace))
        return fate_reply(fate)
    model = model_of(history, record)
    return fate_reply(fate_of_model(history, model, sources.workspace, sources.standings))


def trace(sources: Sources, options: argparse.Namespace) -> Reply:
    history, record = sources.history, resolve(sources.history, options.id)
    reach: Reach = "up" if options.up else "down" if options.down else "both"
    found = lineage(history, record, reach)
    headline = (
        f"{len(found.steps)} steps and {len(found.artifacts)} artifacts are "
        f"{_REACHES[reach]} {short(record)}."
    )
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


def diff(sources: Sources, options: argparse.Namespace) -> Reply:
    before, now = (resolve_run(sources.history, text) for text in (options.before, options.now))
    answer = compare_runs(sources.history, before, now, sources.workspace, sources.standings)
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


def served(sources: Sources, options: argparse.Namespace) -> Reply:
    at = parse_moment(options.at, sources.now) if options.at else None
    if options.at and at is None:
        raise QuestionError(
            f"--at {options.at!r} is no time; write 2026-11-23 09:00 (UTC), or 2h, two hours ago."
        )
    if at and at > sources.now:
        raise QuestionError(
            f"--at {options.at} lies in the future; nobody knows what will be live."
        )
    history = sources.history if sources.has_store else None
    answers: list[ServingAnswer] = []
    for base in sources.bases:
        states = _ask(options.url, base.name) if options.url else None
        answers.append(serving(base, at=at, now=sources.now, server=states, history=history))
    if not answers and history:
        answers = serving_in_store(history, at=at, now=sources.now)
    if not answers:
        return Reply("Nothing was ever pushed: `make run` pushes the first model.", {})
    lines: list[str] = []
    for answer in answers:
        lines += [] if answer is answers[0] else [answer.headline]
        lines += [f"warning: {warning}" for warning in answer.warnings]
        if answer.agrees:
            lines.append(f"the server at {options.url} serves version {answer.live}, too")
        lines += table(
            ("time", "action", "version", "live", "reason"),
            [
                (
                    at_utc(each.time) if each.time else "",
                    each.action,
                    each.version,
                    f"{each.live_before or 'nothing'} → {each.live_after or 'nothing'}",
                    each.reason,
                )
                for each in answer.changes
            ],
        )
    return Reply(answers[0].headline, {"base_paths": answers}, tuple(lines))


def drifting(sources: Sources, options: argparse.Namespace) -> Reply:
    answer = drift(sources.history, sources.workspace, options.metric, options.slice)
    rows = [
        (series.slice, _spark([p.value for p in series.points]), number(series.points[-1].value))
        for series in answer.series
    ]
    return Reply(answer.headline, answer, table(("slice", "over runs", "last"), rows))


def variants(sources: Sources, options: argparse.Namespace) -> Reply:
    run = resolve_run(sources.history, options.id) if options.id else None
    return variants_reply(variants_of(sources.history, sources.workspace, run))


def rebuild(sources: Sources, options: argparse.Namespace) -> Reply:
    if sources.has_store:
        model = model_of(sources.history, resolve(sources.history, options.id))
        answer = rebuild_model(sources.history, model, sources.workspace)
    else:
        base, version = _version(sources, options.id)
        answer = rebuild_version(base.provenance(version) or Provenance(version=version))
    if options.settings:
        return _write_settings(answer, Path(options.settings))
    return rebuild_reply(compared(answer))


def _write_settings(answer: RebuildAnswer, path: Path) -> Reply:
    if not answer.settings:
        raise QuestionError(
            f"--settings {path} is not written: the run that made {answer.origin.model} did not "
            "record its settings."
        )
    import yaml

    text = yaml.safe_dump(dict(answer.settings), sort_keys=False, allow_unicode=True)
    try:
        writer.replace(str(path), text.encode())
    except OSError as error:
        raise QuestionError(f"--settings {path} cannot be written: {error.strerror}.") from error
    return Reply(
        f"Wrote {path}: all settings of the run that made {answer.origin.model}.",
        {"path": str(path), "settings": answer.settings},
    )


def collect(sources: Sources, options: argparse.Namespace) -> Reply:
    if not options.dry_run:
        raise QuestionError("Nothing is ever deleted here: ask with --dry-run what could be.")
    older_than = parse_age(options.older_than) if options.older_than else None
    if options.older_than and older_than is None:
        raise QuestionError(
            f"--older-than {options.older_than!r} is no age; write 30d, 12h or 90m."
        )
    answer = garbage(
        sources.history, sources.workspace, sources.bases, older_than=older_than, now=sources.now
    )
    rows = [
        (in_bytes(each.bytes), described(sources.history, each), each.path)
        for each in answer.deletable
    ]
    kept = [f"{count} stay: {reason}" for reason, count in answer.needed.items()]
    lines = (*table(("size", "what", "where"), rows), *kept, *answer.unknown)
    return Reply(answer.headline, answer, lines)


def report(sources: Sources, options: argparse.Namespace) -> Reply:
    if options.markdown:
        return _markdown(sources, resolve_run(sources.history, options.id))
    # Templates take longer to import than the other commands take.
    from inspection.report import run_report

    run = resolve_run(sources.history, options.id)
    text = run_report(sources.history, sources.workspace, run, sources.now, sources.standings)
    path = Path(options.html)
    try:
        writer.replace(str(path), text.encode())
    except OSError as error:
        raise QuestionError(f"--html {path} cannot be written: {error.strerror}.") from error
    fate = fate_of_run(sources.history, run, sources.workspace, sources.standings)
    return Reply(
        f"Wrote {path} ({in_bytes(len(text.encode()))}): {fate.headline}",
        {"path": str(path), "run": run, "outcome": fate.outcome},
    )


def _markdown(sources: Sources, run: Run) -> Reply:
    from inspection.markdown import markdown_report

    text = markdown_report(sources.history, sources.workspace, run, sources.standings)
    fate = fate_of_run(sources.history, run, sources.workspace, sources.standings, evidence=False)
    document = {"markdown": text, "run": run, "outcome": fate.outcome}
    return Reply(fate.headline, document, tuple(text.splitlines()), raw=True)


def export(sources: Sources, options: argparse.Namespace) -> Reply:
    history = sources.history
    document: dict[str, list[Any]] = {
        "runs": list(history.runs.values()),
        "steps": list(history.steps.values()),
        "artifacts": list(history.artifacts.values()),
        "events": list(history.events),
    }
    counts = ", ".join(f"{len(rows)} {name}" for name, rows in document.items())
    return Reply(f"The store has {counts}; --json prints them.", document)


def _why_version(sources: Sources, text: str) -> Reply:
    base, version = _version(sources, text)
    found = base.provenance(version)
    entries = [e for e in base.ledger if e.version == version or version in e.withdrawn]
    taken = [e for e in entries if version in e.withdrawn or e.action == "withdraw"]
    if version not in base.versions and taken:
        reason = taken[-1].reason or "no reason was given"
        return Reply(f"Version {version} was withdrawn: {reason}.", {"ledger": entries})
    if found is None:
        return Reply(f"Version {version} was pushed at an unknown time.", {"ledger": entries})
    metrics = [(f"{m.metric} on {m.slice}", number(m.value), m.ok) for m in found.metrics]
    by = f" by run {found.run_id}" if found.run_id else ""
    headline = f"Version {version} was pushed{by} at {found.pushed_at or 'an unknown time'}."
    return Reply(headline, found, table(("metric", "value", "within its limits"), metrics))


def _version(sources: Sources, text: str) -> tuple[BasePath, int]:
    for base in sources.bases:
        known = {*base.versions, *(entry.version for entry in base.ledger)}
        fitting = sorted(number for number in known if str(number).startswith(text.lstrip("v")))
        if len(fitting) == 1:
            return base, fitting[0]
    raise UnknownIdError(
        f"Without a metadata store only versions are known, and {text!r} is none of them; "
        "`python -m inspection serving` lists them."
    )


def _ask(url: str, model: str) -> list[dict[str, Any]]:
    # It takes half the time that all the rest takes to import.
    from serving.client import RestClient, ServingError

    try:
        return RestClient(url, model, timeout=5).status()
    except ServingError as error:
        if error.status == NOT_FOUND:
            return []
        raise QuestionError(f"The model server at {url} does not say: {error.message}.") from error
    except OSError as error:
        raise QuestionError(
            f"No model server answers at {url}; start one, or leave out --url."
        ) from error


def _listed(history: History, step: Step) -> str:
    return " ".join(f"{short(a)} {a.type}" for a in history.output_artifacts(step.id))


def _other(history: History, record: Record, event: object) -> tuple[str, str]:
    if isinstance(record, Step):
        artifact: Artifact = history.artifacts[event.artifact]  # type: ignore[attr-defined]
        return short(artifact), f"{artifact.type} {artifact.uri}"
    step = history.steps[event.step]  # type: ignore[attr-defined]
    return short(step), step.node


def _spark(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    scale = (high - low) or 1
    return "".join("▁▂▃▄▅▆▇█"[round((value - low) / scale * 7)] for value in values[-40:])
