"""How children are started, so that nothing around this process decides how they behave."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

_BOOTSTRAP = Path(__file__).with_name("isolated.py")

_DECIDING = (
    "PYTHON",
    *("TF_", "XLA_", "ONEDNN_", "DNNL_", "NVIDIA_TF32_OVERRIDE", "NPY_", "NUMPY_"),
    "GRPC_",
    "PROTOCOL_BUFFERS_",  # Messages in pure Python cost several times as much.
    *("MALLOC_", "GLIBC_TUNABLES"),
)
"""Beginnings of variables that change what Python imports, how TensorFlow and numpy compute, what
gRPC says and does, how long a request takes, or how much memory."""
_KEPT = frozenset(("TF_FORCE_GPU_ALLOW_GROWTH", "TF_GPU_ALLOCATOR"))
"""Of those, what only says how to live with the GPU of this machine."""


def module_command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of this project with this Python, as `python -m` would."""
    # -I takes no variable, so what this process was told by one is said again.
    options = ["-I", "-X", "utf8", *(["-B"] if sys.dont_write_bytecode else [])]
    return [sys.executable, *options, str(_BOOTSTRAP), module, *arguments]


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what would decide, and with `extra`.

    A module that is started by `module_command` finds what this process can import.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or not name.startswith(_DECIDING)
    }
    importable = [folder for folder in sys.path if os.path.isabs(folder)]
    return {**kept, "PYTHONPATH": os.pathsep.join(importable), **(extra or {})}
