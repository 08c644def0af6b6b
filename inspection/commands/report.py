"""A run on one page."""

from __future__ import annotations

import argparse
from pathlib import Path

from documents import writer
from inspection.commands.sources import QuestionError, Sources
from inspection.history.ids import resolve_run
from inspection.history.records import Run
from inspection.questions.fate.fate import fate_of_run
from inspection.questions.garbage.garbage import in_bytes
from inspection.reply import Reply


def report(sources: Sources, options: argparse.Namespace) -> Reply:
    if options.markdown:
        return _markdown(sources, resolve_run(sources.history, options.id))
    # Templates take longer to import than the other commands take.
    from inspection.reports.report import run_report

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
    from inspection.reports.markdown import markdown_report

    text = markdown_report(sources.history, sources.workspace, run, sources.standings)
    fate = fate_of_run(sources.history, run, sources.workspace, sources.standings, evidence=False)
    document = {"markdown": text, "run": run, "outcome": fate.outcome}
    return Reply(fate.headline, document, tuple(text.splitlines()), raw=True)
