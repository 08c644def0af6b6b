"""The REST routes of TensorFlow Serving (model_servers/http_rest_api_util.cc)."""

from __future__ import annotations

import dataclasses
import functools
import re
import urllib.parse
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from serving.server.status import invalid_argument

_PREFIX = "/v1/"
_VERSION_OR_LABEL = r"(?:(?:/versions/(?P<version>[0-9]+))|(?:/labels/(?P<label>[^/:]+)))?"
_POST = re.compile(
    rf"/v1/models/(?P<name>[^/:]+){_VERSION_OR_LABEL}:(?P<verb>classify|regress|predict)",
    re.IGNORECASE,
)
_GET = re.compile(
    rf"/v1/models(?:/(?P<name>[^/:]+))?{_VERSION_OR_LABEL}(?:/(?P<verb>metadata))?",
    re.IGNORECASE,
)
_LARGEST_VERSION = 2**63 - 1
_REMEMBERED = 64
_LONGEST_REMEMBERED = 512
"""Characters of a path; clients choose it, and what they invent is not kept."""

Read = TypeVar("Read")


class ModelSpec(NamedTuple):
    """Which model a request means: by number, by label, or the latest."""

    name: str
    version: int | None = None
    label: str | None = None


@dataclasses.dataclass(frozen=True)
class Route:
    """What a request line asks for."""

    spec: ModelSpec
    verb: str
    """`predict`, `classify`, `regress`, `status` or `metadata`."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """What a request is counted as, whether or not it is one that can be answered."""

    name: str = ""
    """Of the model; "" where no route matches."""
    method: str = ""
    """As it is in the path, such as `predict`; "" for what is asked with GET."""


def is_rest_path(path: str) -> bool:
    """Whether a path belongs to the REST API; for any other one the answer is 404."""
    return path[: len(_PREFIX)].lower() == _PREFIX


def _remembered(read: Callable[[str, str], Read]) -> Callable[[str, str], Read]:
    """Reads a request line once; most clients send the same one again and again."""
    recalled = functools.lru_cache(_REMEMBERED)(read)

    @functools.wraps(read)
    def reader(method: str, path: str) -> Read:
        return (recalled if len(path) <= _LONGEST_REMEMBERED else read)(method, path)

    return reader


@_remembered
def asked(method: str, path: str) -> Asked:
    """What model_servers/http_server.cc counts a request as."""
    matched = _matched(method, path)
    if matched is None:
        return Asked()
    verb = matched["verb"] if method == "POST" else ""
    return Asked(urllib.parse.unquote(matched["name"] or ""), verb)


def _matched(method: str, path: str) -> re.Match[str] | None:
    pattern = {"POST": _POST, "GET": _GET}.get(method)
    return pattern.fullmatch(path) if pattern else None


@_remembered
def match(method: str, path: str) -> Route:
    """Reads a request line; a query is part of `path`, and matches nothing but a name.

    Raises:
      StatusError: INVALID_ARGUMENT when no route matches or the version does not fit an int64.
    """
    matched = _matched(method, path)
    if matched is None:
        raise invalid_argument(f"Malformed request: {method} {path}")
    version, label = matched["version"], matched["label"]
    number = None if version is None else _int64(version)
    if not matched["name"]:
        raise invalid_argument("Missing model name in request.")
    spec = ModelSpec(
        name=urllib.parse.unquote(matched["name"]),
        version=number,
        label=None if label is None else urllib.parse.unquote(label),
    )
    verb = matched["verb"]
    if method == "GET":
        # Upstream compares in lower case only: /METADATA answers the status.
        return Route(spec, "metadata" if verb == "metadata" else "status")
    # Upstream matches :PREDICT and then does nothing with it, which is its malformed request.
    if verb != verb.lower():
        raise invalid_argument(f"Malformed request: {method} {path}")
    return Route(spec, verb)


def _int64(digits: str) -> int:
    # Cut first: Python refuses to convert thousands of digits.
    number = int(digits.lstrip("0")[:20] or "0")
    if number > _LARGEST_VERSION:
        raise invalid_argument(f"Failed to convert version: {digits} to numeric.")
    return number
