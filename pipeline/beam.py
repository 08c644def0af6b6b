"""The options that every Beam-based node gets."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from pipeline.beam_options import check_options
from pipeline.code.package import write_package, write_project
from pipeline.settings import REPOSITORY

_DEPENDENCY_FLAGS = (
    "--extra_package",
    "--setup_file",
    "--requirements_file",
    "--worker_harness_container_image",
    "--sdk_container_image",
)


_HERE = ("FnApiRunner", "DirectRunner")
"""Runners whose workers find modules where this process does."""


def beam_pipeline_args(
    args: Sequence[str], code: Path | None = None, *, is_here: bool = True
) -> list[str]:
    """The configured options, completed with what remote workers install: this project, and the
    user's folder of code.

    Where no option names a dependency, TFX repackages itself for the workers, which costs more
    than a second per node and leaves our executors out
    (tfx/utils/dependency_utils.py, make_beam_dependency_flags).

    Args:
      args: the options of the settings.
      code: the user's folder, where there is one.
      is_here: whether this machine runs the nodes, and not a cluster whose image has other paths.

    Raises:
      SettingsError: Beam does not know an option, or cannot read its value.
    """
    check_options(args)
    names_dependencies = any(arg.startswith(_DEPENDENCY_FLAGS) for arg in args)
    packages = []
    if is_here and not any(arg.startswith("--runner=") and arg.endswith(_HERE) for arg in args):
        folder = Path(tempfile.mkdtemp())
        if code:
            packages.append(write_package(code, folder))
        if not names_dependencies:
            packages.append(write_project(REPOSITORY, folder))
    setup_file = REPOSITORY / "setup.py"
    if packages or names_dependencies or not setup_file.exists():
        return [*args, *(f"--extra_package={package}" for package in packages)]
    return [*args, f"--setup_file={setup_file}"]
