"""From templates to HTML; whatever comes from a store or its files is escaped."""

from __future__ import annotations

import datetime
import functools
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import jinja2
from markupsafe import Markup, escape

from documents.figure import measured
from documents.terminal.counted import counted
from inspection.drawing import bars, over_runs, parallel, scales, sparkline
from inspection.history.history import History
from inspection.history.ids import Record, short
from inspection.questions.garbage.garbage import in_bytes
from inspection.reply import clean
from inspection.times import at_utc, duration, parse_time

_TONES = {
    "good": ("complete", "pushed", "blessed", "live", "already_live", "available", "true"),
    "bad": (
        "failed",
        "refused",
        "withdrawn",
        "rolled_back",
        "killed",
        "canceled",
        "abandoned",
        "deleted",
        "false",
    ),
    "busy": ("running", "new", "pending", "unfinished"),
}

Href = Callable[[Record], str | None]


def render(template: str, values: Mapping[str, Any], href: Href) -> str:
    """One document.

    Args:
      template: a file of inspection/templates.
      values: what it asks for; a name that is missing is an error.
      href: where a record's page is; None for a record without one.
    """
    linked = functools.partial(_linked, values.get("history"), href)
    text = _environment().get_template(template).render(href=href, linked=linked, **values)
    # Names of files may hold what no encoding does.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def compile_templates() -> None:
    """Compiles all of them at once, which the first page of each kind would wait for."""
    environment = _environment()
    for name in environment.list_templates(extensions=["j2"]):
        environment.get_template(name)


_ID = re.compile(r"\b([ars])([0-9]{1,18})\b")


def _linked(history: History | None, href: Href, text: object) -> Markup:
    """A sentence in which every short id of a record is a link to it."""
    known: Mapping[str, Mapping[int, Record]] = (
        {"a": history.artifacts, "s": history.steps, "r": history.runs} if history else {}
    )

    def link(found: re.Match[str]) -> str:
        record = known.get(found[1], {}).get(int(found[2]))
        to = href(record) if record else None
        return f'<a class="id" href="{escape(to)}">{found[0]}</a>' if to else found[0]

    return Markup(_ID.sub(link, str(escape(clean(str(text))))))


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("inspection"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # A store may hold control characters; HTML has no place for them.
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    environment.filters |= {
        "counted": counted,
        "short": short,
        "time": _time,
        "duration": duration,
        "bytes": in_bytes,
        "tone": _tone,
        "number": _number,
        "kind": _kind,
    }
    environment.globals |= {
        "drawing": {"bars": bars, "scales": scales, "sparkline": sparkline},
        "over_runs": over_runs,
        "parallel": parallel,
    }
    return environment


def _time(time: object) -> str:
    """One way to write a time, whatever a document has."""
    found = parse_time(time) if isinstance(time, str) else time
    return at_utc(found) if isinstance(found, datetime.datetime) else str(time or "")


def _tone(state: object) -> str:
    """The colour of a word: good, bad, busy, or none."""
    text = str(state).lower()
    return next((tone for tone, words in _TONES.items() if text in words), "")


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if not math.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 1e9:
        return f"{int(value):,}"
    return measured(value) if abs(value) < 1000 else f"{value:,.0f}"


def _kind(record: Record) -> str:
    return {"r": "run", "s": "step", "a": "artifact"}[short(record)[0]]
