"""A module as one .tar.gz, equal in its bytes whenever its files are."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

ARCHIVE = "module.tar.gz"
"""Name of the archive in the folder of a published module."""
DIGEST = f"{ARCHIVE}.sha256"
"""Beside it, as `sha256sum` prints and checks it."""
CARD = "MODEL_CARD.md"
"""Beside them, for people."""


def pack(folder: Path, archive: Path) -> None:
    """Writes the files below `folder` into a new archive, without owner, mode or time of day."""
    with (
        archive.open("xb") as file,
        # A name or a time in gzip's header would be another digest for the same module.
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as members,
    ):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                member = tarfile.TarInfo(path.relative_to(folder).as_posix())
                member.size, member.mode = len(content), 0o644
                members.addfile(member, io.BytesIO(content))
