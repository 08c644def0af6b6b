"""A run without variants costs nothing more for them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.e2e import warm

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
@pytest.mark.extended
def test_nothing_of_them_is_imported_but_their_settings(tmp_path: Path) -> None:
    (tmp_path / "loaded.py").write_text(LOADED)
    done = warm.run(
        [tmp_path / "loaded.py"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == ["components.variants.options"]
