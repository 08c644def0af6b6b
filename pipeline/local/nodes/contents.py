"""What the files of an artifact were when its node completed, and whether they still are.

TFX believes an artifact for ever: it asks whether a folder exists, not what is in it. So each
output gets the custom property `files_digest` when its node completes, in the same moment in which
ML Metadata hears of it, and the digest of each file is kept in the node's `.system` folder to tell
which one changed.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping

from ml_metadata.proto import metadata_store_pb2

from documents.json_object import JsonError, parse_object
from pipeline.local.nodes.staging.transfer import TransferError
from serving.base_path import storage
from serving.base_path.content import combine, file_digest

PROPERTY = "files_digest"
NOT_RECORDED = frozenset({"ModelRun"})
"""Logs for TensorBoard, which writes there itself; no node reads them."""
_MOST_NAMED = 3

Stamp = tuple[tuple[str | int, ...], ...]
"""Of each file: path, bytes, time of the last change, inode; of an object: path, bytes, tag."""


class DamagedArtifactError(RuntimeError):
    """Files that a node is about to use are not what another node wrote."""


@dataclasses.dataclass(frozen=True)
class Damage:
    """How the files of an artifact differ from what was written."""

    uri: str
    node: str
    """That wrote them."""
    changes: tuple[str, ...]
    """One clause for each file; empty where nobody knows which."""

    def __str__(self) -> str:
        """The first part of a sentence."""
        more = len(self.changes) - _MOST_NAMED
        named = [*self.changes[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])]
        return (
            f"what {self.node} wrote to {self.uri} is damaged:"
            f" {', '.join(named) or 'its files changed'}"
        )


class Contents:
    """Reads files once in the life of a process, and again only when they were touched."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Stamp, str]] = {}

    def record(self, artifact: metadata_store_pb2.Artifact, copy: str | None = None) -> None:
        """Adds the property to an output whose node has completed, and writes the files' digests.

        Args:
          artifact: the output.
          copy: a folder on this machine from which it was stored, which spares reading it back.

        Raises:
          OSError: a file cannot be read, or the digests cannot be written.
          pipeline.local.nodes.staging.transfer.TransferError: the store has others than were
            stored.
        """
        digests = self._read(copy or artifact.uri)
        if copy:
            self._known[artifact.uri] = _stored(artifact.uri, self._known[copy])
        artifact.custom_properties[PROPERTY].string_value = combine(digests)
        _write(_list_path(artifact.uri), digests)
        if storage.is_remote(artifact.uri):
            # What the store says of its objects spares a later run reading all of them.
            stamp, _ = self._known[artifact.uri]
            _write(_stamp_path(artifact.uri), stamp)

    def damage(self, uri: str, recorded: str) -> Damage | None:
        """How the files below `uri` differ from those with the digest `recorded`; None: not at all.

        Args:
          uri: of the artifact, a folder on this machine or an address in an object store.
          recorded: the property; empty for what an earlier release or another runner wrote, of
            which nobody knows what it was.
        """
        if not recorded:
            return None
        try:
            known = self._known.get(uri) or _noted(uri, recorded)
            if known and known == (_stamp(uri), recorded):
                return None
            found = self._read(uri)
        except OSError as error:
            if storage.is_remote(uri) and not isinstance(error, FileNotFoundError):
                raise  # That an object store does not answer says nothing of what lies there.
            return Damage(uri, _node(uri), (f"{error.filename or uri} cannot be read",))
        if combine(found) == recorded:
            return None
        return Damage(uri, _node(uri), _changes(_read_list(uri, recorded), found))

    def _read(self, uri: str) -> dict[str, str]:
        stamp = _stamp(uri)
        paths = [str(path) for path, *_ in stamp]
        digests = {path: file_digest(os.path.join(uri, path)) for path in paths}
        self._known[uri] = (stamp, combine(digests))
        return digests


def _files(uri: str) -> list[str]:
    """Relative paths on this machine; none where the folder is missing."""
    return storage.files(uri) if os.path.isdir(uri) else []


def _stamp(uri: str) -> Stamp:
    if storage.is_remote(uri):
        objects = storage.place(uri).files()
        return tuple((path, each.size, each.tag) for path, each in sorted(objects.items()))
    found = []
    for path in _files(uri):
        status = os.stat(os.path.join(uri, path))
        found.append((path, status.st_size, status.st_mtime_ns, status.st_ino))
    return tuple(found)


def _stored(uri: str, copied: tuple[Stamp, str]) -> tuple[Stamp, str]:
    """What the store says of the objects that a folder was copied to."""
    here, digest = copied
    there = _stamp(uri)
    if [each[:2] for each in here] != [each[:2] for each in there]:
        raise TransferError(
            f"{uri} holds other files than were stored; run the same command again."
        )
    return there, digest


def _changes(written: Mapping[str, str] | None, found: Mapping[str, str]) -> tuple[str, ...]:
    if written is None:
        return ()
    clauses = []
    for path in sorted(written.keys() | found.keys()):
        if path not in found:
            clauses.append(f"{path} is missing")
        elif path not in written:
            clauses.append(f"{path} was added")
        elif written[path] != found[path]:
            clauses.append(f"{path} changed")
    return tuple(clauses)


def _read_list(uri: str, recorded: str) -> dict[str, str] | None:
    """What was written, file by file; None when that list itself is missing or damaged."""
    try:
        with storage.reading(_list_path(uri)) as file:
            digests = parse_object(file.read())
        return digests if combine(digests) == recorded else None
    except (OSError, JsonError, TypeError, AttributeError):
        return None


def _noted(uri: str, recorded: str) -> tuple[Stamp, str] | None:
    """What objects were when they had the digest `recorded`; None where that is not known."""
    if not storage.is_remote(uri):
        return None
    try:
        with storage.reading(_stamp_path(uri)) as file:
            return tuple(tuple(each) for each in json.load(file)), recorded
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _write(path: str, value: object) -> None:
    storage.replace(path, (json.dumps(value, indent=1) + "\n").encode())


def _list_path(uri: str) -> str:
    """Beside the node's outputs, since other code takes every file in those for its own."""
    node, output, execution = uri.rsplit("/", 2)
    return f"{node}/.system/files/{output}/{execution}.json"


def _stamp_path(uri: str) -> str:
    return f"{_list_path(uri).removesuffix('.json')}.objects.json"


def _node(uri: str) -> str:
    return uri.rsplit("/", 3)[-3]
