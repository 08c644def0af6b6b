"""The object store of a dry run: a local folder."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

_URI = re.compile(r"\b(gs|s3|minio)://([^\s\"'\\]+)")


class ObjectStore:
    """Object-store URIs as files below one folder: gs://bucket/key is FOLDER/gs/bucket/key."""

    def __init__(self, folder: Path):
        self.folder = folder

    def path(self, uri: str) -> Path:
        """The file or folder that stands for `uri`; a local path stands for itself."""
        return Path(self.mapped(uri))

    def mapped(self, value: Any) -> Any:
        """`value` with every object-store URI in it, inside JSON also, made a local path."""
        if isinstance(value, dict):
            return {key: self.mapped(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.mapped(item) for item in value]
        if not isinstance(value, str):
            return value
        return _URI.sub(lambda found: str(self.folder / found[1] / found[2]), value)

    def unmapped(self, value: Any) -> Any:
        """The inverse of `mapped`."""
        if isinstance(value, dict):
            return {key: self.unmapped(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.unmapped(item) for item in value]
        if not isinstance(value, str):
            return value
        return re.sub(rf"{re.escape(str(self.folder))}/(gs|s3|minio)/", r"\1://", value)

    def download(self, uri: str, target: Path) -> None:
        """Copies what lies under `uri`; nothing happens where there is nothing."""
        _copy(self.path(uri), target)

    def upload(self, source: Path, uri: str) -> None:
        """Copies a file or the files of a folder; an object store knows no empty folders."""
        _copy(source, self.path(uri))


def _copy(source: Path, target: Path) -> None:
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        return
    for folder, _, files in os.walk(source):
        place = target / Path(folder).relative_to(source)
        for name in files:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(folder, name), place / name)
