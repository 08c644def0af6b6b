"""What to serve: models, their base paths, and which of the versions in them."""

from __future__ import annotations

import dataclasses
import logging
import os
import re
from collections.abc import Iterable, Mapping

from serving.base_path.version_number import names_by_number

_logger = logging.getLogger(__name__)

_URI = re.compile(r"[a-zA-Z][0-9a-zA-Z.]*://")


@dataclasses.dataclass(frozen=True)
class Latest:
    """The highest versions, one unless told otherwise."""

    count: int = 1


@dataclasses.dataclass(frozen=True)
class All:
    """Every version in the base path."""


@dataclasses.dataclass(frozen=True)
class Specific:
    """These versions, as far as they are in the base path."""

    numbers: frozenset[int]


Policy = Latest | All | Specific


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """One model to serve."""

    name: str
    base_path: str
    policy: Policy = Latest()
    labels: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """Version number by label."""


def is_absolute(base_path: str) -> bool:
    """Whether it is an absolute path or an address, as upstream demands (tsl/platform/path.cc)."""
    return base_path.startswith("/") or _URI.match(base_path) is not None


def aspired_versions(entries: Iterable[str], policy: Policy) -> dict[int, str]:
    """The versions to serve: entry of the base path by number.

    Any entry whose name reads as an int64 is a version; nothing is asked of its content
    (sources/storage_path/file_system_storage_path_source.cc in tensorflow/serving). Of several
    that read as one number upstream keeps the last in the order of their bytes, but under `All`,
    where each is handed on and the manager takes no number twice (core/basic_manager.cc), the
    first.
    """
    found: dict[int, str] = {}
    for number, names in names_by_number(entries).items():
        ordered = sorted(names, key=os.fsencode)
        entry = ordered.pop(0 if isinstance(policy, All) else -1)
        found[number] = entry
        if ordered:
            _logger.warning(
                "Duplicate version directories detected. Version %d will be loaded from %s, %s"
                " will be ignored.",
                *(number, entry, ", ".join(ordered)),
            )
    if isinstance(policy, Specific):
        if not policy.numbers:
            _logger.warning("No specific versions requested")
        for number in sorted(policy.numbers - found.keys()):
            _logger.warning("Version %d is to be served but is not in the base path", number)
        return {number: entry for number, entry in found.items() if number in policy.numbers}
    if isinstance(policy, Latest):
        return dict(sorted(found.items())[-max(policy.count, 1) :])
    return found
