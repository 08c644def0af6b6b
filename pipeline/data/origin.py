"""Fetches files that the settings pin by digest: from packages, the package index or an address.

What was fetched is kept in a cache and verified again in every run.
"""

from __future__ import annotations

import functools
import importlib.util
import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from documents.digest import file_digest
from pipeline.files import archive, package_index
from pipeline.files.download import DownloadError, fetch_debian_package, fetch_url
from pipeline.sections.data import OriginSettings

_MAX_FILE_BYTES = 1 << 30
_progress = logging.getLogger("progress")


class DatasetError(ValueError):
    """The data set asked for is not there or is not the one that was meant."""


def verify(folder: Path, sha256: Mapping[str, str], mend: str) -> None:
    """Whether the files in `folder` are those of the digests.

    Raises:
      DatasetError: one is not; says what to do by `mend`.
    """
    for name, expected in sha256.items():
        path = folder / name
        if not path.is_file():
            raise DatasetError(f"{path} is missing, but has to have sha256 {expected}; {mend}.")
        found = file_digest(path)
        if found != expected.lower():
            raise DatasetError(f"{path} has sha256 {found}, not {expected}; {mend}.")


def cached(folder: Path, sha256: Mapping[str, str], origin: OriginSettings) -> Path:
    """`folder`, after the files that it lacks or holds damaged were fetched.

    Raises:
      DownloadError: no origin has them; says why for each.
    """
    wrong = [
        name
        for name in sha256
        if not (folder / name).is_file() or file_digest(folder / name) != sha256[name].lower()
    ]
    if wrong:
        _make(folder)
        # Beside the cache, so that the verified files can be moved in place in one step each. Two
        # processes at once both move the same bytes.
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="download-") as scratch:
            for name, path in _fetch(wrong, sha256, origin, Path(scratch)).items():
                path.replace(folder / name)
    return folder


def find_files(
    origin: OriginSettings, cache: Callable[[], Path]
) -> tuple[Path, Literal["debian", "package", "download"]]:
    """The folder that holds the `files` of an origin, each under its `archive.name`.

    Args:
      cache: the folder for what is downloaded or unpacked, asked for when it is needed.

    Returns:
      The folder and how it came to be.

    Raises:
      DatasetError: an installed file is another one, and nothing else has it.
      OSError: no origin has them, or an archive lacks one; says why.
    """
    reasons = []
    for source, root in _installed(origin):
        outer = {path: root / archive.outer(path) for path in origin.files}
        try:
            for path in {*outer.values()}:
                verify(path.parent, {path.name: origin.sha256[path.name]}, f"reinstall {root.name}")
        except DatasetError as error:
            reasons.append(str(error).rstrip("."))
            continue
        [first, *others] = origin.files
        if not others and not archive.is_packed(first):
            return outer[first].parent, source
        return _unpacked(outer, cache()), source
    try:
        kept = cached(cache(), origin.sha256, origin)
        outer = {path: kept / Path(archive.outer(path)).name for path in origin.files}
        return _unpacked(outer, cache()), "download"
    except OSError as error:
        reasons.append(str(error))
    raise DownloadError("; ".join(reasons))


def _installed(origin: OriginSettings) -> list[tuple[Literal["debian", "package"], Path]]:
    """The folders of packages on this machine; nothing is imported."""
    found: list[tuple[Literal["debian", "package"], Path]] = []
    if origin.module:
        spec = importlib.util.find_spec(origin.module)
        folders = spec.submodule_search_locations if spec else None
        found += [("package", Path(folder)) for folder in folders or ()]
    if origin.installed and origin.installed.is_dir():
        found.append(("debian", origin.installed))
    return found


def _unpacked(outer: Mapping[str, Path], cache: Path) -> Path:
    """A folder below `cache` with the files alone, unpacked anew: they are verified as packed."""
    folder = cache / "files"
    _make(folder)
    with tempfile.TemporaryDirectory(dir=cache, prefix="unpack-") as scratch:
        for path, file in outer.items():
            _progress.info("unpacking %s", archive.name(path))
            made = Path(scratch, archive.name(path))
            archive.unpack(file, path, made)
            made.replace(folder / made.name)
    for left in {*folder.iterdir()} - {folder / archive.name(path) for path in outer}:
        left.unlink(missing_ok=True)
    return folder


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DownloadError(
            f"{folder} cannot be made ({error.strerror}): set XDG_CACHE_HOME to a folder that can"
            " be written"
        ) from error


def _fetch(
    names: Sequence[str], sha256: Mapping[str, str], origin: OriginSettings, scratch: Path
) -> dict[str, Path]:
    """Verified files by name, from the first origin that has them all.

    Raises:
      DownloadError: no origin has them; says why for each.
    """
    ways: list[Callable[[], dict[str, Path]]] = []
    if origin.package and origin.installed:
        ways.append(
            functools.partial(_fetch_from_debian, names, scratch, origin.package, origin.installed)
        )
    if origin.index:
        ways.append(functools.partial(_fetch_from_index, names, scratch, origin.index))
    if origin.url:
        ways.append(functools.partial(_fetch_from_url, names, scratch, origin.url))
    reasons = []
    for way in ways:
        try:
            paths = way()
            for name, path in paths.items():
                if file_digest(path) != sha256[name].lower():
                    raise DownloadError(f"the downloaded {name} has another sha256")
            return paths
        except OSError as error:
            reasons.append(str(error))
    raise DownloadError("; ".join(reasons) or "data.origin names nothing to download them from")


def _fetch_from_debian(
    names: Sequence[str], scratch: Path, package: str, installed: Path
) -> dict[str, Path]:
    root = fetch_debian_package(package, scratch / "debian")
    return {name: root / installed.relative_to("/") / name for name in names}


def _fetch_from_index(names: Sequence[str], scratch: Path, project: str) -> dict[str, Path]:
    for name in names:
        package_index.fetch_file(project, name, scratch / name, max_bytes=_MAX_FILE_BYTES)
    return {name: scratch / name for name in names}


def _fetch_from_url(names: Sequence[str], scratch: Path, url: str) -> dict[str, Path]:
    for name in names:
        fetch_url(f"{url}/{name}", scratch / name, max_bytes=_MAX_FILE_BYTES)
    return {name: scratch / name for name in names}
