"""From templates to HTML; whatever comes from a store or its files is escaped."""

from __future__ import annotations

import datetime
import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import jinja2

from inspection.drawing import charts
from inspection.ids import Record, short
from inspection.questions.garbage import in_bytes
from inspection.reply import clean
from inspection.when import at_utc, duration

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
    return _environment().get_template(template).render(href=href, **values)


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
        "short": short,
        "time": lambda time: at_utc(time) if isinstance(time, datetime.datetime) else "",
        "duration": duration,
        "bytes": in_bytes,
        "tone": _tone,
        "number": _number,
        "kind": _kind,
    }
    environment.globals["charts"] = charts
    return environment


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
    return f"{value:,.4f}" if abs(value) < 1000 else f"{value:,.0f}"


def _kind(record: Record) -> str:
    return {"r": "run", "s": "step", "a": "artifact"}[short(record)[0]]
