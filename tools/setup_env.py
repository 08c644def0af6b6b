"""Makes .venv from the hashed lock that fits this machine; does nothing when nothing changed.

Run it with any Python 3: `python3 tools/setup_env.py`. TFX_LANE=compat|current overrides the
choice. This file parses in every Python, so that an old one gets a sentence and not a SyntaxError.
"""

import os
import sys

if sys.version_info < (3, 6):  # noqa: UP036 (this is the check)
    sys.exit(
        "Set-up needs Python 3.6 or newer to start and this is {}.{}: run `make PYTHON3=python3.X` "
        "with a newer one.".format(*sys.version_info[:2])
    )

if os.name != "posix":
    sys.exit("TFX runs on Linux and macOS: on Windows, clone and run this inside WSL.")

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import argparse

from tools.environment import main

if __name__ == "__main__":
    # It takes nothing; who asks for --help shall not get an environment.
    argparse.ArgumentParser(description=__doc__).parse_args()
    sys.exit(main())
