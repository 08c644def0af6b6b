"""Command line of the embedded model server."""

from __future__ import annotations

import contextlib
import importlib.metadata
import logging
import os
import sys
from collections.abc import Sequence

from documents.terminal.console import program
from serving.server import flags as server_flags
from serving.server.repeats import Repeats
from serving.server.runtime import skip_package_init
from serving.server.status import StatusError

START_FAILED = 255
"""The exit code -1 of upstream's main."""


@program
def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until SIGTERM or SIGINT.

    Returns:
      the exit code.
    """
    try:
        flags, unknown = server_flags.parse(sys.argv[1:] if arguments is None else arguments)
    except server_flags.FlagError as error:
        return _fail(str(error))
    if flags.version:
        _say("TensorFlow ModelServer: embedded")
        _say(f"TensorFlow Library: {_library_version()}")
        return 0
    for argument in unknown:
        _say(f"unknown argument: {argument}")
    nothing = not (flags.model_base_path or flags.model_config_file)
    if unknown or nothing:
        _say(server_flags.usage())
    if nothing:
        return _fail(
            "INVALID_ARGUMENT: Both server_options.model_base_path and"
            " server_options.model_config_file are empty!"
        )
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s: %(levelname).1s %(name)s] %(message)s",
        stream=sys.stderr,
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(Repeats())
    # The C++ part logs to the same stream; what it has to say is in the errors too.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Its own allocator for oneDNN keeps what the largest run took; the system's can be trimmed.
    os.environ.setdefault("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1")
    skip_package_init()
    from serving.server.app import App  # Only now: it loads TensorFlow.

    try:
        App(flags).run()
    except StatusError as error:
        return _fail(error.described)
    except OSError as error:
        return _fail(f"UNAVAILABLE: {error}")
    except (RuntimeError, MemoryError) as error:  # No thread can be started, or no memory is left.
        return _fail(f"RESOURCE_EXHAUSTED: {error or type(error).__name__}")
    return 0


def _library_version() -> str:
    """Read from its package, whose build has its own name; loading it takes a second."""
    for package in ("tensorflow", "tensorflow-cpu"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return importlib.metadata.version(package)
    return "unknown"


def _fail(problem: str) -> int:
    """Says it on both streams: upstream's main writes the line to one, and what it found before to
    the other."""
    sys.stderr.write(f"{problem}\n")
    sys.stderr.flush()
    _say(f"Failed to start server. Error: {problem}")
    return START_FAILED


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
