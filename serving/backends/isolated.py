"""Runs a module of this project, wherever it is started: `python -I FILE MODULE [ARG …]`.

With `-I` Python reads no PYTHON… variable and looks neither into the working folder nor into that
of this file, so `queue.py` or `serving/` there take nobody's place. This project comes first
instead, and last what the starting process could import, for packages that are installed nowhere
else.
"""

from __future__ import annotations

import os
import runpy
import sys


def _find_imports() -> None:
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        if os.path.isabs(folder) and folder not in sys.path:
            sys.path.append(folder)


if __name__ == "__main__":
    _find_imports()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
