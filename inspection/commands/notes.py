"""What people say about runs and models."""

from __future__ import annotations

import argparse

from documents.terminal.counted import counted
from inspection.commands.sources import QuestionError, Sources
from inspection.files.notes import Action, read_notes, write_note
from inspection.history.ids import Record, resolve, short
from inspection.history.records import Artifact, Run
from inspection.questions.models.models import is_any_model, model_of
from inspection.reply import Reply
from inspection.times import at_utc, parse_time


def note(sources: Sources, options: argparse.Namespace) -> Reply:
    record = _about(sources, options.id)
    if options.text is None:
        lines = noted(sources, record)
        said = sum(not line.startswith("tags: ") for line in lines)
        headline = f"{short(record)} has {counted(said, 'note') if said else 'no notes'}."
        found = read_notes(sources.workspace)
        document = {"notes": found.of(record), "tags": found.tags(record)}
        return Reply(headline, document, lines)
    written = write_note(sources.workspace, record, "note", options.text)
    return Reply(f"Noted on {short(record)}.", written)


def tag(sources: Sources, options: argparse.Namespace) -> Reply:
    record = _about(sources, options.id)
    tags = read_notes(sources.workspace).tags(record)
    has = options.tag.strip() in tags
    if options.remove and not has:
        raise QuestionError(
            f"{short(record)} has no tag {options.tag!r}; it has {', '.join(tags) or 'none'}."
        )
    if has and not options.remove:
        return Reply(f"{short(record)} is tagged {options.tag.strip()} already.", {})
    action: Action = "untag" if options.remove else "tag"
    written = write_note(sources.workspace, record, action, options.tag)
    done = "is no longer tagged" if options.remove else "is tagged"
    return Reply(f"{short(record)} {done} {written.text}.", written)


def noted(sources: Sources, record: Record) -> tuple[str, ...]:
    """A line for each note on a record, and one for its tags."""
    found = read_notes(sources.workspace)
    tags = found.tags(record)
    lines = []
    for each in found.of(record):
        time = parse_time(each.time)
        lines.append(f"{at_utc(time) if time else each.time} {each.author}: {each.text}")
    return (*([f"tags: {' '.join(tags)}"] if tags else ()), *lines)


def _about(sources: Sources, name: str) -> Record:
    record = resolve(sources.history, name)
    if isinstance(record, Run):
        return record
    if isinstance(record, Artifact):
        return record if is_any_model(record) else model_of(sources.history, record)
    raise QuestionError(
        f"{name} is a step ({short(record)}); notes and tags are put on runs and models."
    )
