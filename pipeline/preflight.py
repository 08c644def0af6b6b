"""What is checked before any node runs: a mistake costs seconds and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from models import hub
from pipeline.dataset import Dataset, find_dataset, find_spans
from pipeline.places import Places
from pipeline.settings import REPOSITORY, Settings, SettingsError
from pipeline.workspace import Workspace
from serving.launch import LaunchError
from serving.readiness import demand_server

FREE_MEGABYTES = 500
"""Room that a run with the default settings needs for artifacts and checkpoints, rounded up."""


def check_places(settings: Settings, workspace: Workspace) -> str:
    """Makes ROOT, checks that a run can write to it and to the base path; returns the base path.

    Raises:
      SettingsError: ROOT, the schema or the base path cannot be used.
    """
    _check_writable(workspace.root, "--root")
    free = shutil.disk_usage(workspace.root).free // 2**20
    if free < FREE_MEGABYTES:
        raise SettingsError(
            f"--root {workspace.root} has {free} MB free, a run needs {FREE_MEGABYTES}; make room "
            "or choose another folder."
        )
    if not settings.schema_file.is_file():
        raise SettingsError(f"schema_file = {settings.schema_file} does not exist.")
    base_path = settings.push.base_path or str(workspace.base_path(settings.name))
    if "://" not in base_path:
        base_path = os.path.abspath(base_path)
        _check_writable(Path(base_path), "push.base_path")
    return base_path


def check_machine(settings: Settings) -> None:
    """Finds out whether what the nodes start can be started here.

    Raises:
      SettingsError: no model server can be, or the working folder would take the place of modules.
    """
    try:
        demand_server(settings.serving_check.backend)
    except LaunchError as error:
        raise SettingsError(str(error)) from error
    if any("multi_processing" in arg for arg in settings.beam.args):
        _check_working_folder(Path.cwd())


def _check_working_folder(folder: Path) -> None:
    """Beam starts its workers by `python -m`, which imports from the working folder first."""
    if folder.resolve() == REPOSITORY.resolve():
        return
    ours = {place.name for place in REPOSITORY.iterdir() if (place / "__init__.py").is_file()}
    found = {
        place.stem
        for place in folder.iterdir()
        if place.suffix == ".py" or (place / "__init__.py").is_file()
    }
    shadows = sorted(found & (ours | sys.stdlib_module_names))
    if shadows:
        raise SettingsError(
            f"beam.args start workers in {folder}, whose {', '.join(shadows)} would take the place"
            " of modules that they import; start from another folder."
        )


def gather_data(settings: Settings) -> Dataset:
    """Finds the data, downloading it if need be.

    Raises:
      DatasetError: the data is missing or differs from its sha256.
      SpanError: no span fits, or it is incomplete.
    """
    if settings.data.pattern is not None:
        return find_spans(settings.data.folder, settings.data.pattern, settings.data.span)
    return find_dataset(
        folder=settings.data.folder,
        source=settings.data.source,
        sha256=settings.data.sha256,
        cache=cache_folder(),
    )


def resolve_module(settings: Settings) -> hub.Module:
    """The TensorFlow Hub module that the settings name, verified and local.

    Raises:
      HubError: the module cannot be resolved.
    """
    return hub.resolve(
        settings.hub.handle,
        sha256=settings.hub.sha256,
        max_megabytes=settings.hub.max_megabytes,
        allow_http=settings.hub.allow_http,
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
        data=str(dataset.folder),
        data_source=dataset.source,
        module_sha256=module.sha256,
        base_path=base_path,
        artifacts=str(workspace.artifacts),
        checkpoints=str(workspace.checkpoints),
        metadata=str(workspace.metadata),
    )


def cache_folder() -> Path:
    """Where downloaded data is kept between runs, of any ROOT."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "tfx-pipeline"


def _check_writable(folder: Path, setting: str) -> None:
    """Creates `folder` if need be and proves that a file can be written into it."""
    for place in (folder, *folder.parents):
        if place.exists():
            if not place.is_dir():
                raise SettingsError(f"{setting} {folder}: {place} is a file, not a folder.")
            break
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, probe = tempfile.mkstemp(prefix=".probe-", dir=folder)
    except OSError as error:
        raise SettingsError(
            f"{setting} {folder} cannot be written: {error.strerror}; choose another folder or "
            "mend its permissions."
        ) from error
    os.close(descriptor)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(probe)
