"""`python -m models.hub`: fetches a module, publishes, serves and builds them."""

from __future__ import annotations

import signal

# Until there is something to clean up, Ctrl-C just ends the process, without a trace.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import importlib
import logging
import sys
from collections.abc import Sequence

from documents.terminal.console import ending_at_ctrl_c, program
from models.commands import fetch

COMMANDS = ("build", "publish", "serve")
"""Modules of `models.commands`; whatever else comes first is a handle to fetch."""


@program
def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if given[:1] and given[0] in COMMANDS:
        # A command's imports cost time that only those who chose it should pay.
        with ending_at_ctrl_c():
            command = importlib.import_module(f"models.commands.{given[0]}")
        return int(command.main(given[1:]))
    return fetch.main(given, COMMANDS)


if __name__ == "__main__":
    sys.exit(main())
