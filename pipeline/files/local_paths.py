"""URIs of artifacts and the local paths that stand for them, wherever either may stand. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class LocalPaths:
    """The artifacts of one task: the URI of each and the local path that stands for it."""

    paths: Mapping[str, str]
    """Local path by URI."""

    def to_local(self, value: Any) -> Any:
        """`value` with the URI of an artifact, or of something below one, made a local path."""
        return _replaced(value, self.paths)

    def to_remote(self, value: Any) -> Any:
        """The inverse of to_local."""
        return _replaced(value, {path: uri for uri, path in self.paths.items()})


def _replaced(value: Any, prefixes: Mapping[str, str]) -> Any:
    """A JSON value whose strings begin with another prefix; the longest that fits is replaced."""
    if isinstance(value, Mapping):
        return {key: _replaced(item, prefixes) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, prefixes) for item in value]
    if not isinstance(value, str):
        return value
    for prefix in sorted(prefixes, key=len, reverse=True):
        if value == prefix or value.startswith(prefix + "/"):
            return prefixes[prefix] + value[len(prefix) :]
    return value
