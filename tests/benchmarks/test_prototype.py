"""The plain script, run for real on the bundled sample."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.settings import REPOSITORY


@pytest.mark.slow
def test_the_script_trains_and_exports(tmp_path: Path):
    done = subprocess.run(
        [
            *(sys.executable, "benchmarks/prototype.py", "--export", tmp_path / "model"),
            *("--data", "components/example_gen/sample", "--train", "1350", "--epochs", "2"),
            *("--module", "models/modules/fashion_mnist_encoder", "--batch-size", "64"),
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    result = json.loads(done.stdout)
    assert result["steps"] == 42
    assert result["test_accuracy"] > 0.5
    assert (tmp_path / "model" / "saved_model.pb").exists()
