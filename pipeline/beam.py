"""The options that every Beam-based node gets."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from pipeline.beam_options import check_options
from pipeline.code_package import write_package
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


def beam_pipeline_args(args: Sequence[str], code: Path | None = None) -> list[str]:
    """The configured options, completed with what remote workers install: this project, and the
    user's folder of code.

    Where no option names a dependency, TFX repackages itself for the workers, which costs more
    than a second per node and leaves our executors out
    (tfx/utils/dependency_utils.py, make_beam_dependency_flags).

    Args:
      args: the options of the settings.
      code: the user's folder, where there is one.

    Raises:
      SettingsError: Beam does not know an option, or cannot read its value.
    """
    check_options(args)
    given = args
    args = [*args, *_code_args(args, code)] if code else list(args)
    setup_file = REPOSITORY / "setup.py"
    if setup_file.exists() and not any(arg.startswith(_DEPENDENCY_FLAGS) for arg in given):
        return [*args, f"--setup_file={setup_file}"]
    return list(args)


def _code_args(args: Sequence[str], code: Path) -> list[str]:
    if any(arg.startswith("--runner=") and arg.endswith(_HERE) for arg in args):
        return []
    return [f"--extra_package={write_package(code, Path(tempfile.mkdtemp()))}"]
