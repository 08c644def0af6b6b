"""What the commands that start a model server have in common."""

from __future__ import annotations

import argparse
import os
from typing import get_args

from serving.backends.name import Backend
from serving.base_path.errors import is_read_by_servers
from serving.base_path.versions import live_version
from serving.commands._change import add_base_path


class NothingToServeError(RuntimeError):
    """A base path holds no version; the message says what to do."""


class UnreadableError(RuntimeError):
    """No model server reads a base path; the message says what to do."""


def add_served_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that say what to serve, and with what."""
    add_base_path(parser)
    parser.add_argument("--model-name", metavar="NAME", help="default: the base path's last part")
    parser.add_argument(
        "--backend", choices=get_args(Backend), default="auto", help="which model server to start"
    )


def model_name(options: argparse.Namespace) -> str:
    """The name to serve the model under."""
    return str(options.model_name or os.path.basename(os.path.abspath(options.base_path)))


def demand_version(base_path: str) -> None:
    """Returns when there is something to serve.

    Raises:
      NothingToServeError: there is not.
      UnreadableError: no model server can read it.
      BasePathError: the base path cannot be read.
    """
    if not is_read_by_servers(base_path):
        raise UnreadableError(
            f"No model server reads {base_path}, since TensorFlow has no file system for s3:// "
            "any more; copy the live version's folder to a base path on this machine, such as by "
            "`aws s3 sync`, and name that with --base-path."
        )
    if live_version(base_path) is None:
        raise NothingToServeError(
            f"Base path {base_path} holds no version; `make run` makes one, or name another with"
            " --base-path."
        )
