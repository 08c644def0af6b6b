"""What is checked before any node runs: a mistake costs seconds and leaves nothing behind.

What takes long to import waits until the settings are known to be good.
"""

from __future__ import annotations

import os
from pathlib import Path

from documents.settings.section import short
from documents.workspace import Workspace
from models.features.image.kind import written
from models.labels.classes.kind import Classes
from models.user_code import EXAMPLES
from pipeline.data.dataset import Dataset, DatasetError, find_dataset, find_spans, image_pairs
from pipeline.data.rows import check_rows, find_rows
from pipeline.files.download import DownloadError
from pipeline.files.home import home_folder
from pipeline.files.paths import MODELS, absolute, is_staged, refuse_patterns
from pipeline.places import Places
from pipeline.preflight.hub_modules import module_digests, resolve_module
from pipeline.preflight.root import check_pipeline_root, check_root, check_writable
from pipeline.sections.data import IDX
from pipeline.settings import Settings, SettingsError, recorded_name

_WITHOUT_COLUMNS = (IDX, "image_folder", "pixels")
_OF_TEXTS = ("csv", "image_folder")
"""Formats whose labels are never numbers."""


def check_places(settings: Settings, workspace: Workspace) -> str:
    """Makes ROOT, checks that a run can write to it and to the base path; returns the base path.

    Raises:
      SettingsError: ROOT, the schema or the base path cannot be used.
    """
    from pipeline.schema import schema_text

    check_kinds(settings)
    check_root(workspace)
    _check_name(settings, workspace)
    schema_text(settings)
    if settings.pipeline_root is not None:
        check_pipeline_root(settings.pipeline_root, workspace.copies)
    base_path = settings.push.base_path or str(workspace.base_path(settings.name))
    if "://" in base_path:
        return base_path
    try:
        folder = Path(os.path.normpath(absolute(base_path)))
    except ValueError as error:
        raise SettingsError(
            f"Setting `push.base_path` = {base_path} is refused: {error}."
        ) from error
    try:
        refuse_patterns(folder, MODELS)
    except ValueError as error:
        raise SettingsError(
            f"push.base_path = {folder} is refused: {error}; choose another folder."
        ) from error
    check_writable(folder, "push.base_path")
    return str(folder)


def _check_name(settings: Settings, workspace: Workspace) -> None:
    """Refuses a name whose runs would be recorded as those of another model in the same ROOT."""
    if not workspace.serving.is_dir():
        return
    for other in sorted(os.listdir(workspace.serving)):
        if other != settings.name and recorded_name(other) == settings.pipeline_name:
            raise SettingsError(
                f"name = {settings.name} is recorded as {settings.pipeline_name}, as that of "
                f"{workspace.serving / other} is: choose another name, or another --root."
            )


def check_kinds(settings: Settings) -> None:
    """Refuses what can be declared and read, but that no model learns yet.

    Raises:
      SettingsError: it is.
    """
    images, modules = settings.declaration.images, settings.declaration.modules
    if settings.hub and images.keys() <= modules.keys():
        none_left = "every image has a module of its own" if images else "no feature is one"
        raise SettingsError(
            f"Setting `hub.handle` = {short(repr(settings.hub.handle), 300)} names a module for "
            f"images, and {none_left}; leave hub out."
        )
    label, form = settings.label, settings.data.format
    if label.formula and form in _WITHOUT_COLUMNS:
        raise SettingsError(
            f"Setting `label.formula` = {short(repr(label.formula))} needs columns to compute "
            f"from, and format {form} has none; leave it out."
        )
    _check_pixels(settings)
    if isinstance(label, Classes) and label.first is not None and form in _OF_TEXTS:
        raise SettingsError(
            f"Setting `label.first` = {label.first} numbers the classes of data that hold numbers, "
            f"and format {form} holds texts; write label.values as a mapping, e.g. "
            f"{{'{label.first}': {label.names[0]}}}."
        )


def _check_pixels(settings: Settings) -> None:
    pixels, only = settings.data.pixels, settings.declaration.only_image
    if pixels and (only is None or only[1].shape != pixels.shape):
        have = f"feature {only[0]} has {written(only[1].shape)}" if only else "no image is declared"
        raise SettingsError(
            f"Setting `data.pixels` says {written(pixels.shape)} pixels, and {have}; they must"
            " agree."
        )


def gather_data(settings: Settings) -> Dataset:
    """Finds the data, downloading it if need be.

    Raises:
      DatasetError: the data is missing or differs from its sha256.
      SettingsError: two data sets are named.
      SpanError: no span fits, or it is incomplete.
    """

    def cache() -> Path:
        return cache_folder() / settings.name.replace("_", "-")

    if not settings.data.is_quartet:
        return find_rows(settings.data, cache)
    folder = settings.data.folder
    if folder is not None and settings.data.source == "sample":
        raise SettingsError(
            f"data.folder = {folder} and data.source = sample name two data sets; set data.source "
            "to auto, or leave data.folder out."
        )
    try:
        folder = folder and absolute(folder)
    except ValueError as error:
        raise DatasetError(f"data.folder = {folder} cannot be read: {error}.") from error
    if settings.data.pattern is not None:
        return find_spans(folder, settings.data.pattern, settings.data.span)
    return find_dataset(
        folder=folder,
        source=settings.data.source,
        sha256=settings.data.sha256,
        cache=cache,
        origin=settings.data.origin,
        sample=settings.data.sample,
    )


def gather_places(
    settings: Settings, workspace: Workspace, base_path: str, dataset: Dataset
) -> Places:
    """Resolves the TensorFlow Hub module and names every place of a local run.

    Raises:
      HubError: the module cannot be resolved.
    """
    module = resolve_module(settings)
    return Places(
        data=dataset.address or str(dataset.folder),
        data_source=dataset.source,
        module_sha256=module.sha256 if module else None,
        modules=module_digests(settings),
        base_path=base_path,
        artifacts=settings.pipeline_root or str(workspace.artifacts),
        copies=str(workspace.copies) if is_staged(settings.pipeline_root or "") else None,
        checkpoints=str(workspace.checkpoints),
        tuning=str(workspace.tuning),
        metadata=None if settings.metadata.store else str(workspace.metadata),
        exports=str(workspace.exports),
    )


def check_data(settings: Settings, dataset: Dataset) -> None:
    """Whether the data fit the settings and the model, as far as their headers tell.

    Raises:
      IdxError: a file is missing, or its header is damaged.
      DatasetError: images are of another size than the model takes.
      SettingsError: eval_examples or batch_size is more than there is.
    """
    if not settings.data.is_quartet:
        place = dataset.address or str(dataset.folder)
        check_rows(settings.data, settings.declaration, place, settings.function(EXAMPLES))
        return
    from pipeline.data.fit import check_fit

    pairs = image_pairs(dataset.folder, settings.data.pattern, settings.data.span)
    check_fit(settings, pairs)


def cache_folder() -> Path:
    """Where downloaded data is kept between runs, of any ROOT.

    A relative XDG_CACHE_HOME is passed over, as its specification has it:
    https://specifications.freedesktop.org/basedir-spec/latest

    Raises:
      DownloadError: there is neither an XDG_CACHE_HOME nor a home folder.
    """
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():
        home = home_folder()
        if home is None:
            raise DownloadError(
                "there is no folder for downloads, as this user has no home folder: set "
                "XDG_CACHE_HOME to one that can be written"
            )
        base = home / ".cache"
    return base / "tfx-pipeline"
