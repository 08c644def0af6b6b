"""Object-store URIs and the local paths behind which Kubeflow's launcher keeps their content. Pure.

The launcher downloads input artifacts before a container's command and uploads output artifacts
after it (kubeflow/pipelines backend/src/v2/component/launcher_v2.go, LocalPathForURI).
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

FOLDERS = {"gs": "gcs", "s3": "s3", "minio": "minio", "oci": "oci"}
"""The launcher's folder by scheme."""

_URI = re.compile(r"(gs|s3|minio|oci)://(.+)", re.DOTALL)


def local_path(uri: str, root: str = "/") -> str:
    """Where the launcher puts `uri`; anything but an object-store URI is returned as it is.

    Args:
      root: folder that stands for the container's root.
    """
    found = _URI.fullmatch(uri)
    if not found:
        return uri
    scheme, key = found.groups()
    if scheme == "oci":
        # An image is mounted, not downloaded.
        return os.path.join(root, FOLDERS[scheme], key.replace("/", "_"), "models")
    return os.path.join(root, FOLDERS[scheme], key)


@dataclasses.dataclass(frozen=True)
class LocalPaths:
    """The artifacts of one task: the URI of each and the local path that stands for it."""

    paths: Mapping[str, str]
    """Local path by URI."""

    @classmethod
    def of(cls, uris: Iterable[str], root: str) -> LocalPaths:
        return cls({uri: local_path(uri, root) for uri in uris})

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
