"""Finds an installed Python of a given version, in the places where one usually is."""

import glob
import os
import re
import shutil
import subprocess
import sys
from typing import Iterator, List, Mapping, Optional, Sequence

FOLDERS = ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")

# A Python built without one of these cannot run the pipeline: TLS, the metadata store, venvs.
_PROBE = """
import sys, ssl, sqlite3, venv
venv = "" if sys.prefix == sys.base_prefix else "venv"
print(sys.implementation.name, "%d.%d" % sys.version_info[:2] + sys.abiflags, venv)
"""


def find_interpreter(
    versions: Sequence[str], environ: Mapping[str, str], folders: Sequence[str] = FOLDERS
) -> Optional[str]:
    """The first working Python of the first of `versions` (such as "3.10") that is installed.

    Looks at pyenv's folders, `folders`, then PATH, and runs each candidate, because pyenv's shims
    exist for versions that they refuse to start.
    """
    for version in versions:
        for path in _candidates(version, environ, folders):
            if works(path, version):
                return path
    return None


def works(path: str, version: str) -> bool:
    """Whether `path` is a complete CPython `version`: no free-threaded build, nobody's venv."""
    try:
        found = subprocess.run(
            [path, "-I", "-c", _PROBE],  # Whatever lies in the working folder.
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            universal_newlines=True,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0 and found.stdout.split() == ["cpython", version]


def _candidates(version: str, environ: Mapping[str, str], folders: Sequence[str]) -> Iterator[str]:
    name = "python" + version
    home = environ.get("HOME") or os.path.expanduser("~")
    pyenv = environ.get("PYENV_ROOT") or os.path.join(home, ".pyenv")
    installed = glob.glob(os.path.join(glob.escape(pyenv), "versions", version + "*", "bin", name))
    yield from sorted(installed, key=_patch_numbers, reverse=True)
    for folder in folders:
        yield os.path.join(folder, name)
    on_path = shutil.which(name, path=environ.get("PATH", os.defpath))
    if on_path:
        yield on_path
    yield sys.executable


def _patch_numbers(path: str) -> List[int]:
    """Sorts 3.10.13 after 3.10.9."""
    folder = os.path.basename(os.path.dirname(os.path.dirname(path)))
    return [int(number) for number in re.findall(r"\d+", folder)]
