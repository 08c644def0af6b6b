"""Where and with what figures were measured, and a port there."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import socket
from pathlib import Path
from typing import Any

import psutil

PACKAGES = (
    "tfx",
    "tensorflow",
    "tf-keras",
    "tensorflow-hub",
    "tensorflow-transform",
    "tensorflow-model-analysis",
    "apache-beam",
    "numpy",
)


def describe() -> dict[str, Any]:
    """The machine; `load` is the mean number of busy processes before the measurement."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "memory_megabytes": psutil.virtual_memory().total // 10**6,
        "system": platform.platform(),
        "load": [round(load, 2) for load in os.getloadavg()],
    }


def versions() -> dict[str, str]:
    """Of Python and of the packages that do the work."""
    packages = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version(), **packages}


def free_port() -> int:
    """A port of the loopback interface on which nobody listens yet."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _cpu_model() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
