"""Short names of what is in a store, as people type them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

from inspection.history.history import History
from inspection.history.pushes import pushed_to, pushed_version, pushes
from inspection.history.records import Artifact, Run, Step
from inspection.no_answer import NoAnswerError

Record = Run | Step | Artifact

LATEST = "latest"
_LATEST = re.compile(f"{LATEST}(?:~([0-9]{{1,9}}))?")
_NUMBERED = re.compile("([ras])([0-9]+)")


class UnknownIdError(NoAnswerError, ValueError):
    """Nothing has this id, or more than one thing; the message names what comes close."""


def short(record: Record) -> str:
    """`a12` for an artifact, `s7` for a step, `r2` for a run."""
    prefix = {Artifact: "a", Step: "s", Run: "r"}[type(record)]
    return f"{prefix}{record.id}"


def resolve(history: History, text: str) -> Record:
    """What `text` names; the first of these that fits.

    `a12`, `s7`, `r2`; `latest`, the last run, or `latest~1`, the one before; the name of a run, or
    any part of it that only one run has; a node, for its last step; the number of a pushed version,
    or the beginning of it; the uri or name of an artifact.

    Raises:
      UnknownIdError: there is nothing, or more than one.
    """
    numbered = _NUMBERED.fullmatch(text)
    if numbered:
        kind, number = numbered[1], int(numbered[2])
        table = {"r": history.runs, "s": history.steps, "a": history.artifacts}[kind]
        if number in table:
            return table[number]  # type: ignore[return-value]
        noun = {"r": "run", "s": "step", "a": "artifact"}[kind]
        largest = max(table, default=None)
        raise UnknownIdError(
            f"There is no {noun} {text}"
            + (f"; the last one is {kind}{largest}." if largest else "; the store has none.")
        )
    for find in (_run, _step, _version, _artifact):
        found = find(history, text)
        if len(found) == 1:
            return found[0]
        if found:
            raise UnknownIdError(
                f"{text!r} could be {_listed(found)}; give more of it, or the short id."
            )
    raise UnknownIdError(_nothing(history, text))


def resolve_run(history: History, text: str) -> Run:
    """The run that `text` names, or that made the step or artifact that it names.

    Raises:
      UnknownIdError: there is none.
    """
    record = resolve(history, text)
    if isinstance(record, Run):
        return record
    step = history.producer(record.id) if isinstance(record, Artifact) else record
    if step is None or step.run is None:
        raise UnknownIdError(
            f"{text} belongs to no run; `python -m inspection show {short(record)}` tells what it "
            "is."
        )
    return history.runs[step.run]


def _run(history: History, text: str) -> Sequence[Run]:
    runs = list(history.runs.values())
    back = _LATEST.fullmatch(text)
    if back:
        # As git counts: latest~1 is the one before the last.
        number = int(back[1] or 0)
        return [runs[-1 - number]] if number < len(runs) else []
    for fits in (
        lambda name: name == text,
        lambda name: name.startswith(text),
        lambda name: len(text) >= _LEAST_PART and text in name,
    ):
        found = [run for run in runs if fits(run.name)]
        if found:
            return found
    return []


_LEAST_PART = 4
"""Shorter parts of a name fit by accident."""


def _step(history: History, text: str) -> Sequence[Step]:
    wanted = text.lower()
    for id in reversed(history.steps):
        if history.steps.node_of(id).lower() == wanted:
            return [history.steps[id]]
    return []


def _version(history: History, text: str) -> Sequence[Artifact]:
    digits = text.removeprefix("v")
    if not digits.isdigit():
        return []
    # A version is told of by its push, and again by each run that found it live. Pipelines in one
    # store may push versions of one number to several base paths.
    first: dict[tuple[str, str | None], int] = {}
    for each in pushes(history):
        first.setdefault((str(pushed_version(each)), pushed_to(each)), each.id)
    exact = [id for (number, _), id in first.items() if number == digits]
    found = exact or [id for (number, _), id in first.items() if number.startswith(digits)]
    return [history.artifacts[id] for id in found]


def _artifact(history: History, text: str) -> Sequence[Artifact]:
    wanted = text.rstrip("/")
    held = history.that_may_hold(wanted, whole=True) if wanted else {"artifact": ()}
    ids = history.artifacts if held is None else sorted(held["artifact"])
    artifacts = [history.artifacts[id] for id in ids if id in history.artifacts]
    found = [each for each in artifacts if wanted and wanted in (each.uri.rstrip("/"), each.name)]
    # Kubeflow and Vertex give names to people in a property.
    return found or [
        each for each in artifacts if wanted and each.properties.get("display_name") == wanted
    ]


def _listed(records: Iterable[Record]) -> str:
    names = [
        f"{short(record)} ({_title(record)})" if _title(record) else short(record)
        for record in records
    ]
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(names[-4:]) + more


def _title(record: Record) -> str:
    if isinstance(record, Run):
        return record.name
    if isinstance(record, Step):
        return record.node
    version = pushed_version(record)
    place = pushed_to(record) if version is not None else None
    told = f"{version} in {place}" if place else version
    return str(told or record.name or record.type)


def _nothing(history: History, text: str) -> str:
    if not history.runs and not history.steps:
        return f"There is no {text!r}: the store is empty; `make run` fills it."
    if not history.runs and _LATEST.fullmatch(text):
        return (
            f"There is no {text!r}, since the store has no runs; `python -m inspection list "
            "executions` and `list artifacts` list what it has."
        )
    known = set(map(history.steps.node_of, history.steps))
    known.update(run.name for run in history.runs.values())
    close = difflib.get_close_matches(text, sorted(known), n=3, cutoff=0.5)
    if close:
        return f"There is no {text!r}; did you mean {' or '.join(close)}?"
    return (
        f"There is no {text!r}; name a run, a node, a version, or a short id such as a12 or s7. "
        "`python -m inspection runs` lists runs."
    )
