"""Variables of the environment with which TensorFlow does not start.

TensorFlow reads its own late, and ends the process when it cannot: `Unknown flags in XLA_FLAGS`,
then an abort. Which flags it knows differs from release to release, so it is asked, in a process
of its own, and only where somebody has set something, by the first import of TensorFlow in any of
our commands.
"""

from __future__ import annotations

import importlib.abc
import os
import re
import subprocess
import sys

from documents.shown import shown

_DECIDING = ("TF_", "XLA_")
_HARMLESS = (
    *("TF_CPP_", "TF_ENABLE_ONEDNN_OPTS", "TF_USE_LEGACY_KERAS", "TF_FORCE_GPU_ALLOW_GROWTH"),
    *("TF_GPU_ALLOCATOR", "TF_NUM_"),
    # Terraform's.
    *("TF_ACC", "TF_CLI_", "TF_DATA_DIR", "TF_IGNORE", "TF_INPUT", "TF_IN_AUTOMATION", "TF_LOG"),
    *("TF_PLUGIN_", "TF_REATTACH_", "TF_REGISTRY_", "TF_TOKEN_", "TF_VAR_", "TF_WORKSPACE"),
)
"""Beginnings of those that are often set, whose values TensorFlow takes as they come."""
_WITHOUT_DOCSTRINGS = (
    "PYTHONOPTIMIZE=2, or -OO, takes the docstrings away that TensorFlow needs; unset it."
)
_SWITCH = re.compile("true|false|[0-9]+")
"""What every variable takes that is no list of flags."""
_PROBE = """
import importlib.machinery, sys, types
package = types.ModuleType("tensorflow")
package.__path__ = importlib.machinery.PathFinder.find_spec("tensorflow").submodule_search_locations
sys.modules["tensorflow"] = package
try:
    from tensorflow.python.eager.polymorphic_function.polymorphic_function import function
    from tensorflow.python.framework.constant_op import constant
    from tensorflow.python.framework.ops import enable_eager_execution
    enable_eager_execution()
except ImportError:
    for name in [name for name in sys.modules if name.partition(".")[0] == "tensorflow"]:
        del sys.modules[name]
    from tensorflow import constant, function
function(lambda x: x + 1, jit_compile=True)(constant(1))
"""
"""Where the variables are read, without Keras and all the rest, which take four times as long."""
_SHOWN = 200
"""Characters of what is quoted."""
_SECONDS = 120.0
"""For what takes five on a machine that does nothing else."""
_LAST_WORDS = re.compile(r"^\S+ \S+ F \S+\] (.*)$|^F\d{4} .*?\] (.*)$", re.MULTILINE)
"""A fatal line of TensorFlow's log, in its two forms."""


class RefusedError(SystemExit):
    """Ends the command that wanted TensorFlow; its text is a sentence.

    No `except Exception` on the way, of which libraries have many around imports, may hold it up.
    """


def watch() -> None:
    """Has the first import of TensorFlow in this process raise RefusedError where it is refused.

    Commands call it before they do anything; it costs nothing where nothing is set.
    """
    if sys.flags.optimize > 1 or any(map(_decides, os.environ)):
        sys.meta_path.insert(0, _Watch())


class _Watch(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: object, target: object = None) -> None:
        """Finds nothing, and looks at the first import of TensorFlow only."""
        if name == "tensorflow":
            sys.meta_path.remove(self)
            if refused := refusal():
                raise RefusedError(refused)


def refusal() -> str | None:
    """Why TensorFlow would end this process, and what to unset; None when it would not."""
    if sys.flags.optimize > 1:
        return _WITHOUT_DOCSTRINGS
    names = sorted(filter(_decides, os.environ))
    if not names:
        return None
    try:
        probe = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", _PROBE],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_SECONDS,
            # What it is told to keep silent about is what is wanted here.
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "0"},
        )
    except subprocess.TimeoutExpired:
        why = f"it does not answer for {_SECONDS:g} seconds"
    else:
        found = _LAST_WORDS.search(probe.stderr.decode("utf-8", "replace"))
        # Some releases abort after such a line, others exit.
        if probe.returncode == 0 or (probe.returncode > 0 and not found):
            # It goes on, or fails with a sentence of its own in the place where it is needed.
            return None
        why = shown(next(filter(None, found.groups()))) if found else "it ends at once"
    blamed = [name for name in names if re.search(rf"\b{re.escape(name)}\b", why)] or names
    given = ", ".join(f"{name}={os.environ[name][:_SHOWN]}" for name in blamed)
    return (
        f"TensorFlow does not start with {shown(given)} in the environment "
        f"({why.strip()[:_SHOWN]}); unset {', '.join(blamed)}."
    )


def _decides(name: str) -> bool:
    if not name.startswith(_DECIDING) or name.startswith(_HARMLESS):
        return False
    return name.endswith("_FLAGS") or not _SWITCH.fullmatch(os.environ[name].lower())
