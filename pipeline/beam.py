"""The options that every Beam-based node gets."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.beam_options import check_options
from pipeline.settings import REPOSITORY

_DEPENDENCY_FLAGS = (
    "--extra_package",
    "--setup_file",
    "--requirements_file",
    "--worker_harness_container_image",
    "--sdk_container_image",
)


def beam_pipeline_args(args: Sequence[str]) -> list[str]:
    """The configured options, completed with what remote workers install: this project.

    Where no option names a dependency, TFX repackages itself for the workers, which costs more
    than a second per node and leaves our executors out
    (tfx/utils/dependency_utils.py, make_beam_dependency_flags).

    Raises:
      SettingsError: Beam does not know an option, or cannot read its value.
    """
    check_options(args)
    setup_file = REPOSITORY / "setup.py"
    if setup_file.exists() and not any(arg.startswith(_DEPENDENCY_FLAGS) for arg in args):
        return [*args, f"--setup_file={setup_file}"]
    return list(args)
