"""The command that serves what a run pushed, as it works where it is printed."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from pathlib import Path

from documents.terminal.short_path import short_path
from pipeline.settings import REPOSITORY
from serving.backends.interpreter import module_command


def serve_command(model: str, base_path: str) -> str:
    """Starts the embedded server.

    Args:
      model: the name to serve it under.
      base_path: an absolute path, which is all that model servers take, or an address.
    """
    at_home = False
    with contextlib.suppress(FileNotFoundError):  # where the user stands was deleted
        at_home = Path.cwd().resolve() == REPOSITORY.resolve()
    module = "serving.server"
    command = [short_path(sys.executable), "-m", module] if at_home else module_command(module)
    base_path = base_path if "://" in base_path else os.path.abspath(base_path)
    return shlex.join(
        [
            *command,
            "--rest_api_port=8501",
            f"--model_name={model}",
            f"--model_base_path={base_path}",
        ]
    )
