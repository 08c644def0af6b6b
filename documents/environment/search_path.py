"""Where Python looks for modules: first where this project and its packages are."""

from __future__ import annotations

import os
import sys


def put_pythonpath_last() -> None:
    """Has PYTHONPATH add modules, and replace none.

    What is named there stands before the standard library, so that a `queue.py` in somebody's
    folder of scripts would end this program in a trace that tells of neither.
    """
    own = sys.path[:1]  # The script's folder, whoever names it too.
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    named = {os.path.abspath(path) for path in entries if path}
    others = sys.path[1:]
    sys.path[:] = [
        *own,
        *(path for path in others if os.path.abspath(path) not in named),
        *(path for path in others if os.path.abspath(path) in named),
    ]
