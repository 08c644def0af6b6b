"""What a PushedModel says: which version it became, and in which base path."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
from collections.abc import Sequence
from typing import NamedTuple

from inspection.history.history import History
from inspection.history.records import Artifact, Step
from serving.base_path.version_number import version_number

PUSHED = "PushedModel"
_OUTCOMES = ("pushed", "already_live", "withdrawn")
_TOLD = {"1": True, "1.0": True, "true": True, "0": False, "0.0": False, "false": False}
_DESTINATION = "pushed_destination"
_VERSION = "pushed_version"


def says_pushed(artifact: Artifact) -> bool | None:
    """Whether a PushedModel tells that there is, or was, a version; None where it does not say.

    TFX's Pusher leaves a number, and Pushers of others a text, or nothing at all.
    """
    found = artifact.properties
    told, outcome = _TOLD.get(str(found.get("pushed", "")).lower()), found.get("outcome")
    if told or outcome in _OUTCOMES:
        return True
    return False if outcome == "refused" else told


def was_pushed(artifact: Artifact) -> bool:
    """Whether there is, or was, a version that this artifact tells of."""
    return artifact.type == PUSHED and bool(says_pushed(artifact))


def pushed_version(artifact: Artifact) -> int | None:
    """The number of the version; None where none is told.

    Some Pushers write `v7`; some leave only the folder.
    """
    found = artifact.properties
    for text in (str(found.get(_VERSION, "")), os.path.basename(_destination(artifact))):
        number = version_number(text.removeprefix("v"))
        if number is not None:
            return number
    return None


def pushed_to(artifact: Artifact) -> str | None:
    """The base path that the version was put into, as it was called then; None where none is told.

    Not every destination has versions in it: TFX can push to an endpoint in a cloud as well.
    """
    destination = _destination(artifact)
    name = os.path.basename(destination).removeprefix("v")
    return os.path.dirname(destination) if version_number(name) is not None else None


def _destination(artifact: Artifact) -> str:
    return _as_path(str(artifact.properties.get(_DESTINATION, "")).rstrip("/"))


def _as_path(address: str) -> str:
    """`file:///srv/model` is what TensorFlow opens at `/srv/model`, and decodes nothing of it."""
    return address.removeprefix("file://localhost").removeprefix("file://")


def told_destination(step: Step) -> str | None:
    """The base path that a Pusher was told to push into; None for any other step."""
    return _told_folder(str(step.properties.get("push_destination")))


@functools.lru_cache(maxsize=64)
def _told_folder(text: str) -> str | None:
    try:
        folder = json.loads(text)["filesystem"]["base_directory"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return _as_path(folder.rstrip("/")) if isinstance(folder, str) and folder.strip("/") else None


@functools.lru_cache(maxsize=2)
def pushed_models(history: History) -> Sequence[Artifact]:
    """All PushedModels, oldest first.

    Several questions go through all of them, so their properties are kept.
    """
    return [
        dataclasses.replace(each, properties=dict(each.properties.items()))
        for each in history.of_type(PUSHED)
    ]


def pushes(history: History) -> Sequence[Artifact]:
    """Those that tell of a version, oldest first."""
    return [push.artifact for push in told_pushes(history)]


class Push(NamedTuple):
    """What a PushedModel tells of a version."""

    artifact: Artifact
    to: str | None
    """As `pushed_to`."""
    version: int | None
    """As `pushed_version`."""


@functools.lru_cache(maxsize=2)
def told_pushes(history: History) -> Sequence[Push]:
    """All that tell of a version, and what they tell, oldest first."""
    return [
        Push(each, pushed_to(each), pushed_version(each))
        for each in pushed_models(history)
        if was_pushed(each)
    ]
