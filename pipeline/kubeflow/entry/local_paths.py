"""Object-store URIs and the local paths behind which Kubeflow's launcher keeps their content. Pure.

The launcher downloads input artifacts before a container's command and uploads output artifacts
after it (kubeflow/pipelines backend/src/v2/component/launcher_v2.go, LocalPathForURI).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from pipeline.files.local_paths import LocalPaths

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


def launchers_paths(uris: Iterable[str], root: str) -> LocalPaths:
    """Where the launcher puts the artifacts of one task."""
    return LocalPaths({uri: local_path(uri, root) for uri in uris})
