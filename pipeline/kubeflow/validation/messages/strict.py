"""Values held against the tables of messages, as strictly as the API server of Kubeflow. Pure.

It reads JSON into messages with Go's protojson: a field that is unknown or of another type refuses
the whole file. Names with underscores are fields too, numbers may be text, null is not there.
"""

from __future__ import annotations

import datetime
import difflib
import functools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from documents.settings.section import short, short_repr
from pipeline.kubeflow.validation.messages.custom_job import JOB_MESSAGES
from pipeline.kubeflow.validation.messages.kubernetes import KUBERNETES_MESSAGES
from pipeline.kubeflow.validation.messages.pipeline import ENUMS, PIPELINE_MESSAGES
from pipeline.kubeflow.validation.messages.tf_job import TF_JOB_MESSAGES
from pipeline.kubeflow.validation.said import Said

MESSAGES: Mapping[str, Mapping[str, str]] = {
    **PIPELINE_MESSAGES,
    **KUBERNETES_MESSAGES,
    **JOB_MESSAGES,
    **TF_JOB_MESSAGES,
}
_DURATION = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?s")
_WHOLE = re.compile(r"-?[0-9]+")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_DEEPEST_HINT = 9
_LONGEST_DURATION = 315_576_000_000
"""Seconds, of google.protobuf.Duration."""


class _RefusedError(ValueError):
    """What is wrong with a value, and what mends it."""

    def __init__(self, wanted: str, fix: str):
        super().__init__(wanted)
        self.wanted = wanted
        self.fix = fix


def strict(value: Any, message: str, root: str = "") -> tuple[Any, list[Said]]:
    """`value` as the message reads it, every field under its own name, and what is wrong with it.

    What is wrong is left out of the value.

    Args:
      message: key of MESSAGES.
      root: path of `value` in the file, e.g. `platforms`.
    """
    reader = _Reader()
    made = reader.message(value, message, _Path().under(root) if root else _Path())
    return ({} if made is None else made), reader.said


class _Path:
    """Where a value is; the keys of maps do not belong to its kind."""

    def __init__(self, shown: str = "", kind: str = ""):
        self.shown = shown
        self.kind = kind

    def under(self, key: str, *, named: bool = True) -> _Path:
        shown = short(key)
        dot = "." if self.shown else ""
        return _Path(f"{self.shown}{dot}{shown}", f"{self.kind}{dot}{shown if named else '*'}")

    def item(self, index: int) -> _Path:
        return _Path(f"{self.shown}[{index}]", f"{self.kind}[]")


class _Reader:
    def __init__(self) -> None:
        self.said: list[Said] = []

    def message(self, value: Any, name: str, path: _Path) -> dict[str, Any] | None:
        fields = MESSAGES[name]
        if not isinstance(value, Mapping):
            self._wrong(value, path, "a mapping", f"give it fields such as {_some(fields)}")
            return None
        made: dict[str, Any] = {}
        chosen: dict[str, str] = {}
        for given, inner in value.items():
            field = _camel(given) if _camel(given) in fields else given
            if field not in fields:
                self._unknown(given, name, path)
                continue
            kind, _, one_of = fields[field].partition(" @")
            if inner is None and kind != "any":
                continue
            if field in made:
                self._say(path.under(given), "is there twice, as two spellings of one field", "")
                continue
            if one_of:
                other = chosen.setdefault(one_of, field)
                if other != field:
                    self._say(
                        path, f"has both {other} and {field}, of which only one may be", "", field
                    )
                    continue
            read = self.field(inner, kind, path.under(field))
            if read is not None or kind == "any":
                made[field] = read
        return made

    def field(self, value: Any, kind: str, path: _Path) -> Any:
        many, _, inner = kind.partition(" ")
        if many == "list":
            if not isinstance(value, list):
                return self._wrong(value, path, "a list", "put a `- ` before each of its items")
            items = [self._inner(item, inner, path.item(i)) for i, item in enumerate(value)]
            return [item for item in items if item is not None]
        if many == "map":
            if not isinstance(value, Mapping):
                return self._wrong(value, path, "a mapping", "write names with what they stand for")
            made = {k: self._inner(v, inner, path.under(k, named=False)) for k, v in value.items()}
            return {key: item for key, item in made.items() if item is not None}
        if kind in MESSAGES:
            return self.message(value, kind, path)
        try:
            return _enum(value, ENUMS[kind]) if kind in ENUMS else _READERS[kind](value)
        except _RefusedError as refused:
            return self._wrong(value, path, refused.wanted, refused.fix)

    def _inner(self, value: Any, kind: str, path: _Path) -> Any:
        if value is None:
            return self._wrong(value, path, "a value", "take the key away, or give it a value")
        return self.field(value, kind, path)

    def _unknown(self, given: str, message: str, path: _Path) -> None:
        fields = MESSAGES[message]
        close = difflib.get_close_matches(_camel(given), fields, n=1, cutoff=0.6)
        homes = [] if close else [home for home in _homes(_camel(given)) if home != path.kind]
        if close:
            fix = f"did you mean {close[0]}?"
        elif homes:
            fix = f"it belongs to {homes[0]}; move it there, or take it away"
        else:
            fix = f"take it away; known here are {', '.join(fields)}"
        place = path.kind or "the pipeline"
        self._say(path.under(given), f"is no field of {place}", fix)

    def _wrong(self, value: Any, path: _Path, wanted: str, fix: str) -> None:
        self._say(path, f"{_described(value)} where {wanted} must be", fix)

    def _say(self, path: _Path, what: str, fix: str, kind: str = "") -> None:
        where = path.shown or "the file"
        self.said.append(Said(where, what, fix or "take one of them away", path.kind + kind))


def _described(value: Any) -> str:
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "is true or false"),
        ((int, float), "is a number"),
        (str, "is text"),
        (datetime.date, "is a date"),
        (list, "is a list"),
        (Mapping, "is a mapping"),
    )
    found = next((name for kind, name in kinds if isinstance(value, kind)), "is empty")
    return (
        found
        if isinstance(value, (list, Mapping)) or value is None
        else (
            f"= {short_repr(value if not isinstance(value, datetime.date) else str(value))} {found}"
        )
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _RefusedError("text", "put the value in quotes")
    return value


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _RefusedError("true or false", "write true or false, without quotes")
    return value


def _double(value: Any) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number and not (isinstance(value, str) and _NUMBER.fullmatch(value)):
        raise _RefusedError(
            "a number", "write it as a plain number; memory is in GB, 4 and not 4Gi"
        )
    try:
        made = float(value)
    except OverflowError:
        made = math.inf
    if not math.isfinite(made):
        raise _RefusedError("a finite number", "write another number")
    return made


def _whole(bits: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not (
            isinstance(value, int)
            or (isinstance(value, float) and value.is_integer())
            or (isinstance(value, str) and _WHOLE.fullmatch(value) and len(value) < 24)
        ):
            raise _RefusedError("a whole number", "write it without a fraction and without quotes")
        if not -(2 ** (bits - 1)) <= int(value) < 2 ** (bits - 1):
            raise _RefusedError(f"a number of {bits} bits", "write a smaller number")
        return int(value)

    return read


def _duration(value: Any) -> str:
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        raise _RefusedError(
            "seconds with an s", "write seconds, such as 90s; minutes are unknown there"
        )
    if abs(float(value[:-1])) > _LONGEST_DURATION:
        raise _RefusedError("seconds of at most ten thousand years", "write a shorter time")
    return value


def _struct(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _RefusedError("a mapping", "write names with what they stand for")
    return {key: _any(item) for key, item in value.items()}


def _any(value: Any) -> Any:
    """What JSON can say."""
    if isinstance(value, Mapping):
        return _struct(value)
    if isinstance(value, list):
        return [_any(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise _RefusedError("a finite number", "write another number")
    if value is not None and not isinstance(value, (str, bool, int, float)):
        raise _RefusedError("a value of JSON", "put it in quotes")
    return value


def _enum(value: Any, names: tuple[str, ...]) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names):
        return names[value]
    if value not in names:
        close = difflib.get_close_matches(str(value).upper(), names, n=1, cutoff=0.5)
        fix = f"did you mean {close[0]}?" if close else f"write one of {', '.join(names[1:])}"
        raise _RefusedError("one of the names known there", fix)
    return str(value)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "text": _text,
    "bool": _bool,
    "double": _double,
    "int32": _whole(32),
    "int64": _whole(64),
    "duration": _duration,
    "struct": _struct,
    "any": _any,
}


@functools.lru_cache(maxsize=1_000)
def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


def _some(fields: Mapping[str, str]) -> str:
    return ", ".join(list(fields)[:3])


def _homes(field: str) -> list[str]:
    return _all_homes().get(field, [])


@functools.cache
def _all_homes() -> Mapping[str, list[str]]:
    """Paths of messages by the name of a field in them, the shortest first."""
    found: dict[str, list[str]] = {}
    for message, path in sorted(_paths(), key=lambda pair: (pair[1].count("."), pair[1])):
        for field in MESSAGES[message]:
            found.setdefault(field, []).append(path or "the pipeline itself")
    return found


def _paths() -> Iterator[tuple[str, str]]:
    yield from _below("PipelineSpec", "")
    yield from _below("PlatformSpec", "")


def _below(message: str, path: str) -> Iterator[tuple[str, str]]:
    yield message, path
    if path.count(".") > _DEEPEST_HINT:
        return
    for field, kind in MESSAGES[message].items():
        many, _, inner = kind.partition(" @")[0].rpartition(" ")
        if inner in MESSAGES and field != "singlePlatformSpecs":
            step = f"{path}.{field}" if path else field
            yield from _below(inner, step + {"": "", "list": "[]", "map": ".*"}[many])
