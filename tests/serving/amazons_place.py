"""Runs a program where s3:// leads to moto on this machine, over TLS.

python -m tests.serving.amazons_place PROGRAM [ARGUMENT …]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.serving.certificates import Authority
from tests.serving.object_stores import amazon


def enter() -> list[str]:
    """What starts a program there."""
    return [sys.executable, "-m", __name__]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, amazon(Authority(Path(folder))):
        raise SystemExit(subprocess.run(sys.argv[1:], check=False).returncode)
