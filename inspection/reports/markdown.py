"""A run as Markdown, for the comment of a CI job on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from documents.figure import measured
from documents.shown import cut
from documents.terminal.counted import counted
from inspection.evidence.logged import metrics_of_run
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.ids import short
from inspection.history.records import Run
from inspection.history.steps_shown import left_out, steps_shown, told_state
from inspection.questions.executions.failure import why_failed
from inspection.questions.fate.fate import Fate, fate_of_run
from inspection.questions.fate.standing import Standings
from inspection.questions.models.evaluations import measured_by
from inspection.questions.runs.difference import difference
from inspection.questions.runs.runs import run_before
from inspection.reply import clean
from inspection.times import at_utc, duration

MOST_ROWS, MOST_STEPS = 20, 100
_LONGEST = 200
_FAILS = "**fails**"
_SIGNS = {"live": "✅", "complete": "✅", "running": "⏳", "superseded": "✅", "pushed": "✅"}
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~@])")


def markdown_report(
    history: History, workspace: Workspace, run: Run, standings: Standings | None = None
) -> str:
    """What was decided and why, what was measured, and what changed; GitHub's Markdown.

    Whatever a store says is text: it can neither mention anybody, nor link, nor break a table.
    """
    fate = fate_of_run(history, run, workspace, standings)
    lines = [
        f"### {_SIGNS.get(fate.word, '❌')} {_text(fate.headline)}",
        "",
        f"Run {_text(run.name)} of {_text(run.pipeline)}"
        + (f", {at_utc(run.started)}" if run.started else "")
        + (f", took {duration(run.seconds)}" if run.seconds is not None else "")
        + ".",
    ]
    parts = (
        _failure(history, workspace, run, fate),
        _verdicts(fate),
        _metrics(history, workspace, run),
        _changes(history, workspace, run, standings),
        _steps(history, run),
    )
    for part in map(list, parts):
        lines += ["", *part] if part else []
    return "\n".join(lines) + "\n"


def _failure(history: History, workspace: Workspace, run: Run, fate: Fate) -> Iterator[str]:
    if not fate.has_failed:
        return
    found = why_failed(history, run, workspace)
    yield _text(found.headline)
    if found.cause and found.cause.place:
        yield f"at {_text(found.cause.place)}"
    if found.resume:
        yield f"Go on with `{found.resume.replace('`', '')}`"


def _verdicts(fate: Fate) -> Iterator[str]:
    return _table(
        ("validator", "verdict", "reason"),
        [
            (v.node, "blessed" if v.blessed else "refused", v.reason or "")
            for v in fate.verdicts[:MOST_ROWS]
        ],
    )


def _metrics(history: History, workspace: Workspace, run: Run) -> Iterator[str]:
    """Those that failed first, then those with something demanded, then the rest."""
    found = [
        metric
        for step in history.last_ids_of(run.id)
        for metric in measured_by(history, workspace, step)
    ]
    found += metrics_of_run(run)
    found.sort(key=lambda each: (each.ok is not False, each.ok is None, each.slice != "overall"))
    before = (measured(m.baseline_value) if m.baseline_value is not None else "" for m in found)
    words: dict[bool | None, str] = {True: "holds", False: _FAILS, None: ""}
    rows = [
        (m.metric, m.slice, measured(m.value), old, m.limit, words[m.ok])
        for m, old in zip(found, before, strict=True)
    ]
    yield from _table(("metric", "slice", "value", "baseline", "demanded", ""), rows[:MOST_ROWS])
    if len(rows) > MOST_ROWS:
        yield ""
        yield f"and {len(rows) - MOST_ROWS} more."


def _changes(
    history: History, workspace: Workspace, run: Run, standings: Standings | None
) -> Iterator[str]:
    before = run_before(history, run)
    if before is None:
        return
    found = difference(history, before, run, workspace, standings)
    yield f"Since {_text(before.name)}: {_text(found.headline)}"
    if found.causes:
        yield ""
        rows = [(each.part, each.before or "", each.now or "") for each in found.causes]
        yield from _table(("what", short(before), short(run)), rows[:MOST_ROWS])


def _steps(history: History, run: Run) -> Iterator[str]:
    steps = steps_shown(history.steps_of(run.id), MOST_STEPS)
    rows = [(step.node, told_state(history, step), duration(step.seconds)) for step in steps]
    if rows:
        yield f"<details><summary>{counted(len(run.steps), 'step')}</summary>"
        yield ""
        more = left_out(run.id, len(run.steps), len(steps))
        if more:
            yield more
            yield ""
        yield from _table(("step", "state", "took"), rows)
        yield "</details>"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    found = list(rows)
    if found:
        yield f"| {' | '.join(header)} |"
        yield f"|{' --- |' * len(header)}"
        for row in found:
            cells = (cell if cell == _FAILS else _text(cell) for cell in row)
            yield f"| {' | '.join(cells)} |"


def _text(value: str) -> str:
    """A text that means nothing but itself."""
    flat = " ".join(clean(value).split())
    return _MARKUP.sub(r"\\\1", cut(flat, _LONGEST)).replace("://", ":\u200b//")
