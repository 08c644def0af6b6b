"""A run without variants costs nothing more for them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
LOADED = """
import json, sys
from pathlib import Path
import pipeline.local.run, pipeline.pipeline
from pipeline.settings import load_settings
load_settings(Path("configs/quick.yaml"))
print(json.dumps([name for name in sys.modules if name.startswith("components.variants.")]))
"""


@pytest.mark.slow
def test_nothing_of_them_is_imported_but_their_settings() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOADED],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == ["components.variants.options"]
