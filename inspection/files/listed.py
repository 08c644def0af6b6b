"""How much lies behind many uris in buckets: each bucket is listed once, as a whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from inspection.files.bucket import Bucket
from inspection.files.workspace import Workspace


class Listed:
    """The buckets of a workspace, as things were when each was first asked about."""

    def __init__(self, workspace: Workspace) -> None:
        """Asks for nothing yet."""
        self._workspace = workspace
        self._sizes: dict[str, Mapping[str, int]] = {}

    def size(self, uri: str) -> int | None:
        """Bytes of the objects behind a uri; None where there are none, or none can be known."""
        return self._below(uri).get(uri.rstrip("/"))

    def is_read(self, uri: str) -> bool:
        """Whether a uri lies in a bucket that tells what it holds."""
        return bool(self._below(uri))

    def _below(self, uri: str) -> Mapping[str, int]:
        bucket = self._workspace.bucket(uri)
        if bucket is None:
            return {}
        if bucket.address not in self._sizes:
            self._sizes[bucket.address] = _sizes(bucket)
        return self._sizes[bucket.address]


def _sizes(bucket: Bucket) -> Mapping[str, int]:
    """By address, of each object and of all that hold it."""
    sizes: defaultdict[str, int] = defaultdict(int)
    for path, found in bucket.files(bucket.address).items():
        place = f"{bucket.address}/{path}"
        while len(place) > len(bucket.address):
            sizes[place] += found.size
            place = place.rpartition("/")[0]
    return dict(sizes)
