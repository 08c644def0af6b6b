"""Models: what became of them, what made them, how good they are, how to make them again."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from documents import writer
from documents.figure import measured
from documents.provenance import Provenance
from documents.shown import cut
from inspection.commands.replies import (
    rebuild_reply,
    tuning_reply,
    variants_reply,
    why_reply,
)
from inspection.commands.sources import QuestionError, Sources, WrongQuestionError
from inspection.files.base_path import BasePath
from inspection.history.ids import UnknownIdError, resolve, resolve_run, short
from inspection.history.records import Run
from inspection.questions.models.compared import compare_models
from inspection.questions.models.models import model_of
from inspection.questions.models.origin import origin_of_model
from inspection.questions.models.rebuild import (
    RebuildAnswer,
    compared,
    rebuild_model,
    rebuild_version,
)
from inspection.questions.models.tuning import tuning_of
from inspection.questions.models.variants import variants_of
from inspection.questions.runs.compared import MetricLine, compare_runs
from inspection.questions.why import why as why_of
from inspection.reply import Reply, number, table

MOST_SHOWN = 32
"""Characters of a setting in a table of many runs."""


def why(sources: Sources, options: argparse.Namespace) -> Reply:
    if not sources.has_store:
        return _why_version(sources, options.id)
    record = resolve(sources.history, options.id)
    return why_reply(why_of(sources.history, record, sources.workspace, sources.standings))


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


def origin(sources: Sources, options: argparse.Namespace) -> Reply:
    model = model_of(sources.history, resolve(sources.history, options.id))
    found = origin_of_model(sources.history, model, sources.workspace)
    rows = [
        ("run", found.run),
        ("schema sha256", found.schema_sha256),
        ("code hash", found.code_hash),
        *(("data", each.title) for each in found.data),
        *sorted(found.packages.items()),
    ]
    lines = table(("", ""), [row for row in rows if row[1]])[1:]
    return Reply(f"{found.data_headline} {found.hub_headline}", found, lines)


def compare(sources: Sources, options: argparse.Namespace) -> Reply:
    history = sources.history
    if len(options.names) < 2:
        raise WrongQuestionError(
            f"compare {options.names[0]} names one thing; name two models, or two or more runs."
        )
    records = [resolve(history, text) for text in options.names]
    if len(records) > 2 or all(isinstance(each, Run) for each in records):
        return _compare_runs(
            sources, [resolve_run(history, name) for name in options.names], options
        )
    before, now = (model_of(history, record) for record in records)
    answer = compare_models(history, sources.workspace, before, now, options.tolerance)
    rows = [
        (
            f"{each.metric} on {each.slice}",
            number(each.before),
            number(each.now),
            measured(-each.worse, sign="+", beside=each.now),
        )
        for each in answer.metrics
    ]
    header = ("metric", short(before), short(now), "better by")
    return Reply(answer.headline, answer, table(header, rows), 0 if answer.as_good else 1)


def _compare_runs(sources: Sources, runs: Sequence[Run], options: argparse.Namespace) -> Reply:
    answer = compare_runs(
        sources.history,
        runs,
        sources.workspace,
        sources.standings,
        with_refused=not options.without_refused,
    )
    fates = [(run.fate.replace("_", " "), run.version) for run in answer.runs]
    rows: list[Sequence[object]] = [
        ("fate", *(fate for fate, _ in fates)),
        ("version", *(version for _, version in fates)),
    ]
    rows += [
        (line.part, *(cut(value or "", MOST_SHOWN) for value in line.values))
        for line in answer.parts
    ]
    rows += [(f"{line.metric} on {line.slice}", *_values(line)) for line in answer.metrics]
    return Reply(answer.headline, answer, table(("", *(f"r{run.id}" for run in answer.runs)), rows))


def _values(line: MetricLine) -> list[str]:
    """`*` marks the best, `!` what missed its threshold."""
    return [
        f"{number(value)}{' *' if place == line.best else ''}{' !' if missed else ''}"
        for place, (value, missed) in enumerate(zip(line.values, line.failed, strict=True))
    ]


def variants(sources: Sources, options: argparse.Namespace) -> Reply:
    run = resolve_run(sources.history, options.id) if options.id else None
    return variants_reply(variants_of(sources.history, sources.workspace, run))


def tuning(sources: Sources, options: argparse.Namespace) -> Reply:
    run = resolve_run(sources.history, options.id) if options.id else None
    return tuning_reply(tuning_of(sources.history, sources.workspace, run))


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
    from documents.settings.yaml_text import yaml_text

    try:
        writer.replace(str(path), yaml_text(dict(answer.settings)).encode())
    except OSError as error:
        raise QuestionError(f"--settings {path} cannot be written: {error.strerror}.") from error
    return Reply(
        f"Wrote {path}: all settings of the run that made {answer.origin.model}.",
        {"path": str(path), "settings": answer.settings},
    )
