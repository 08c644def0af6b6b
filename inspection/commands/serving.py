"""What is served, and what can be deleted."""

from __future__ import annotations

import argparse
from typing import Any

from documents.terminal.counted import counted
from inspection.commands.sources import QuestionError, Sources, WrongQuestionError
from inspection.questions.fate.serving import serving
from inspection.questions.garbage.garbage import described, garbage, in_bytes
from inspection.reply import Reply, table
from inspection.times import at_utc, parse_age, parse_moment

NOT_FOUND = 404


def served(sources: Sources, options: argparse.Namespace) -> Reply:
    at = parse_moment(options.at, sources.now) if options.at else None
    if options.at and at is None:
        raise WrongQuestionError(
            f"--at {options.at!r} is no time; write 2026-11-23 09:00 (UTC), or 2h, two hours ago."
        )
    if at and at > sources.now:
        raise QuestionError(
            f"--at {options.at} lies in the future; nobody knows what will be live."
        )
    history = sources.history if sources.has_store else None
    answers = serving(
        sources.bases,
        now=sources.now,
        at=at,
        ask=lambda base: _ask(options.url, base.name) if options.url else None,
        history=history,
        workspace=sources.workspace,
        others=not options.base_path,
    )
    if not answers and history and history.runs:
        return Reply("Nothing was ever pushed, as far as the store tells.", {})
    if not answers:
        return Reply("Nothing was ever pushed: `make run` pushes the first model.", {})
    # Of several each says which it is.
    headlines = [
        f"{each.base_path}: {each.headline}" if len(answers) > 1 else each.headline
        for each in answers
    ]
    lines: list[str] = []
    for headline, answer in zip(headlines, answers, strict=True):
        lines += [] if answer is answers[0] else [headline]
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
    return Reply(headlines[0], {"base_paths": answers}, tuple(lines))


def _ask(url: str, model: str) -> list[dict[str, Any]]:
    # It takes half the time that all the rest takes to import.
    from serving.clients.rest_client import RestClient, ServingError

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


def collect(sources: Sources, options: argparse.Namespace) -> Reply:
    if not options.dry_run:
        raise WrongQuestionError("Nothing is ever deleted here: ask with --dry-run what could be.")
    older_than = parse_age(options.older_than) if options.older_than else None
    if options.older_than and older_than is None:
        raise WrongQuestionError(
            f"--older-than {options.older_than!r} is no age; write 30d, 12h or 90m."
        )
    answer = garbage(
        sources.history, sources.workspace, sources.bases, older_than=older_than, now=sources.now
    )
    rows = [
        (in_bytes(each.bytes), described(sources.history, each), each.path)
        for each in answer.deletable
    ]
    kept = [
        f"{counted(count, 'stays', 'stay')}: {reason}" for reason, count in answer.needed.items()
    ]
    elsewhere = [answer.elsewhere] if answer.elsewhere else []
    lines = (*table(("size", "what", "where"), rows), *kept, *elsewhere, *answer.unknown)
    return Reply(answer.headline, answer, lines)
