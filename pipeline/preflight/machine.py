"""Whether this machine, and the Python that runs here, can do what the nodes start."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from documents.environment import tensorflow as tensorflow_environment
from models.training.cluster import Cluster, ClusterError, cluster_of
from pipeline.files.paths import MODELS, refuse_patterns
from pipeline.settings import REPOSITORY, Settings, SettingsError


def check_python() -> None:
    """Refuses a Python without docstrings, and an environment in which TensorFlow ends the process.

    Raises:
      SettingsError: it was started with -OO, or with a variable that TensorFlow cannot read.
    """
    if refused := tensorflow_environment.refusal():
        raise SettingsError(refused)


def training_cluster(settings: Settings) -> Cluster | None:
    """The processes that train with this one; None where it is alone.

    Raises:
      SettingsError: TF_CONFIG names others, and they would train the same; or it has to name some.
    """
    try:
        return cluster_of(settings.training.strategy, settings.training.batch_size)
    except ClusterError as error:
        raise SettingsError(str(error)) from error


def check_machine(settings: Settings) -> None:
    """Finds out whether what the nodes start can be started here.

    Raises:
      SettingsError: no model server can be, Beam's workers cannot read what is on this machine, or
        the working folder would take the place of modules.
    """
    from serving.backends.readiness import demand_server
    from serving.launch import LaunchError

    try:
        refuse_patterns(tempfile.gettempdir(), MODELS)
    except ValueError as error:
        raise SettingsError(
            f"Temporary files go to {tempfile.gettempdir()}: {error}; set TMPDIR to another folder."
        ) from error
    try:
        demand_server(settings.serving_check.backend)
    except LaunchError as error:
        raise SettingsError(str(error)) from error
    if settings.beam.profile == "dataflow":
        _demand_addresses(settings)
    if any("multi_processing" in arg for arg in settings.beam.arguments):
        try:
            folder = Path.cwd()
        except FileNotFoundError as error:
            raise SettingsError(
                "beam starts workers in the current folder, which was deleted; cd to another."
            ) from error
        _check_working_folder(folder)


def _demand_addresses(settings: Settings) -> None:
    """What workers in Google's cloud read and write; a base path is Pusher's, who is here."""
    places = {"pipeline_root": settings.pipeline_root, "data.files": settings.data.files}
    here = [name for name, place in places.items() if not (place or "").startswith("gs://")]
    if here:
        named, are = " and ".join(here), "are no addresses" if len(here) > 1 else "is no address"
        raise SettingsError(
            f"beam.profile = dataflow has workers that read no folder of this machine, and {named}"
            f" {are} in gs://: name one, or run the pipeline with kubeflow_runner.py, or set "
            "beam.profile to portable."
        )


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
            f"beam starts workers in {folder}, whose {', '.join(shadows)} would take the place"
            " of modules that they import; start from another folder."
        )
