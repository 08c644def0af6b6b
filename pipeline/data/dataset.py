"""Finds the four IDX files: configured, installed, downloaded, or the bundled sample."""

from __future__ import annotations

import dataclasses
import glob
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from components.example_gen import spans
from components.example_gen.pair import IMAGES, LABELS, SPLITS, Pair, pair_of
from pipeline.data.origin import DatasetError as DatasetError
from pipeline.data.origin import cached, verify
from pipeline.sections.data import OriginSettings, SampleSettings
from pipeline.settings import REPOSITORY

FILES = tuple(
    tuple(names.replace("*", f"{kind}.gz") for kind in kinds)
    for names in SPLITS.values()
    for kinds in (IMAGES, LABELS)
)
"""What each of the four files may be called, gzipped."""

_progress = logging.getLogger("progress")


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A folder with the four IDX files, or that above the patterns of other formats."""

    folder: Path
    source: Literal["folder", "debian", "package", "download", "sample"]
    """`download` is also a copy in the cache, whichever way it came there."""
    address: str | None = None
    """Of a folder in an object store."""


def find_dataset(
    folder: Path | None,
    source: Literal["auto", "sample"],
    sha256: Mapping[str, str],
    cache: Callable[[], Path],
    *,
    origin: OriginSettings | None,
    sample: SampleSettings | None,
) -> Dataset:
    """The first that is there: `folder`, the installed package, the cache, a download.

    Args:
      folder: configured by the user; it is this one or an error.
      source: `sample` takes the bundled sample, whatever else is given.
      sha256: digests by file name that must hold, over those of `origin` outside `folder`.
      cache: the folder for downloads of this data set, asked for when it is needed; safe for
        several processes at once. It may raise DownloadError.
      origin: where the files can be had without a folder.
      sample: the bundled one, if there is one.

    Returns:
      The data set. With nothing else to be had it is the bundled sample, with a warning that says
      why, unless `sha256` asks for certain files.

    Raises:
      DatasetError: `folder` lacks a file, a digest differs, or there is no data set with `sha256`.
    """
    if source == "sample" and sample:
        return _sample(sample)
    if folder is not None:
        _check_folder(folder)
        verify(folder, sha256, "replace the file or correct data.sha256")
        return Dataset(folder, "folder")
    if origin is None:
        raise DatasetError("data.folder is missing: name the folder with your four IDX files.")
    _check_names(sha256, origin)
    found = _from_origin(origin, {**origin.sha256, **sha256}, cache)
    if isinstance(found, Dataset):
        return found
    why = "; ".join(reason.rstrip(".") for reason in found)
    if sha256 or sample is None:
        raise DatasetError(
            f"No data set has the digests in data.{'sha256' if sha256 else 'origin.sha256'}: {why}."
            " Set data.folder to a folder that holds it, or data.source to sample."
        )
    _progress.warning(
        "The real data cannot be had (%s): taking the bundled sample, whose figures mean nothing. "
        "Set data.folder to a folder with the four files to change this.",
        why,
    )
    return _sample(sample)


def _check_names(sha256: Mapping[str, str], origin: OriginSettings) -> None:
    unknown = sorted(set(sha256) - set(origin.sha256))
    if unknown:
        raise DatasetError(
            f"data.sha256 names {', '.join(unknown)}, but the files are "
            f"{', '.join(origin.sha256)}; correct the name, or set data.folder."
        )


def _from_origin(
    origin: OriginSettings, expected: Mapping[str, str], cache: Callable[[], Path]
) -> Dataset | list[str]:
    """The files as they are installed or can be fetched; or why neither can be used."""
    reasons = []
    installed = origin.installed
    if installed and installed.is_dir():
        try:
            verify(installed, expected, f"reinstall package {origin.package}")
            return Dataset(installed, "debian")
        except DatasetError as error:
            reasons.append(str(error))
    try:
        return Dataset(cached(cache(), expected, origin), "download")
    except OSError as error:
        reasons.append(str(error))
    return reasons


def find_spans(folder: Path | None, pattern: str, span: int | None) -> Dataset:
    """`folder`, after a look whether it has the span; ExampleGen's driver looks again.

    Args:
      pattern: folder of one span below `folder`, with {SPAN} and perhaps {VERSION}.
      span: number of the one wanted; None for the latest.

    Raises:
      DatasetError: there is no such folder.
      SpanError: no span fits, or the one that fits is incomplete.
    """
    if folder is None:
        raise DatasetError(
            "data.pattern needs data.folder: the folder below which the spans are; set it too."
        )
    if not folder.is_dir():
        raise DatasetError(
            f"data.folder = {folder} is no folder; name the one that holds the spans."
        )
    _choose_span(folder, pattern, span)
    return Dataset(folder, "folder")


def image_pairs(folder: Path, pattern: str | None, span: int | None) -> dict[str, Pair]:
    """The files of each input split that ExampleGen will take.

    Raises:
      IdxError: a file is missing.
      SpanError: no span fits, or the one that fits is incomplete.
    """
    if pattern is not None:
        paths = _choose_span(folder, pattern, span)
    else:
        paths = {split: _listed(str(folder), names) for split, names in SPLITS.items()}
    return {
        split: pair_of(found, f"{folder / (pattern or '')}/{SPLITS[split]}")
        for split, found in paths.items()
    }


def _choose_span(folder: Path, pattern: str, span: int | None) -> dict[str, list[str]]:
    """The files of each split in the span that is taken."""
    found = {
        split: spans.find(str(folder), f"{pattern}/{names}", _listed)
        for split, names in SPLITS.items()
    }
    there = spans.folders(str(folder), [f"{pattern}/"], _listed)
    chosen = spans.choose(found, span, where=f"{folder / pattern}", folders=there)
    return {split: paths[chosen] for split, paths in found.items()}


def _listed(folder: str, pattern: str) -> list[str]:
    return glob.glob(os.path.join(glob.escape(folder), pattern))


def _sample(sample: SampleSettings) -> Dataset:
    folder = REPOSITORY / sample.folder
    verify(folder, sample.sha256, f"restore it with: git checkout -- {folder}")
    return Dataset(folder, "sample")


def _check_folder(folder: Path) -> None:
    try:
        os.listdir(folder)
    except OSError as error:
        raise DatasetError(
            f"data.folder = {folder} cannot be read ({error.strerror}); name a folder with the "
            "four IDX files, or leave data.folder out."
        ) from error
    for names in FILES:
        candidates = [folder / name for name in names]
        candidates += [path.with_suffix("") for path in candidates]
        name = names[0]
        path = next((path for path in candidates if path.is_file()), None)
        if path is None:
            raise DatasetError(
                f"data.folder = {folder} lacks {name} (plain or .gz); name a folder with all four "
                "IDX files, or leave data.folder out."
            )
        if not os.access(path, os.R_OK):
            raise DatasetError(f"{path} may not be read; mend it with: chmod a+r {path}")
