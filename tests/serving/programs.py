"""Stand-ins for the backends that are not installed where tests run."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from serving.backends.interpreter import module_command

REPOSITORY = Path(__file__).resolve().parents[2]


class Programs:
    """A folder that is all of PATH, with nothing but a shell in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "sh").symlink_to("/bin/sh")

    def add(self, name: str, *command: str) -> None:
        """A program that does what `command` does with its own arguments."""
        program = self.folder / name
        program.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
        program.chmod(0o755)

    def add_binary(self) -> None:
        """`tensorflow_model_server`: the embedded server takes the same flags."""
        self.add("tensorflow_model_server", *module_command("serving.server"))

    def add_docker(self) -> None:
        """`docker`, with the image."""
        self.add("docker", sys.executable, str(Path(__file__).with_name("docker_stand_in.py")))
