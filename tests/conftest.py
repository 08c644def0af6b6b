"""Settings that every test needs before TensorFlow is imported, and no network."""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Any

import hypothesis

# Tests are about behaviour, not about the accelerator of the machine they run on.
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

# A time limit per example fails at random on a machine that is busy with other tests.
hypothesis.settings.register_profile("project", deadline=None, database=None)
hypothesis.settings.load_profile("project")


def _refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Lets Python's own sockets reach this machine only; servers under test are on it."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
        if not _is_here(host):
            raise PermissionError(f"A test tried to reach {host}; tests do not use the network.")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


sys.addaudithook(_refuse_the_network)
