"""A search for settings on a tiny table: killed, interrupted, resumed, written into the file."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.e2e import warm
from tests.e2e.clone import LONGEST_SECONDS, REPOSITORY
from tests.e2e.warm import WarmProcess

pytestmark = [pytest.mark.slow, pytest.mark.extended]

SETTINGS = """\
# Ours.
name: dots
code: dots/mine.py
data: {format: csv, files: dots.csv, split: {train: 2, eval: 1, test: 1}}
features: {x: {kind: number}, y: {kind: number}}
label: {name: side, kind: classes, values: [left, right]}
training:
  epochs: 2
  batch_size: 32
  # Far too small.
  learning_rate: 1.0e-6
"""
CODE = """\
def search(space):
    space.clear()
    space.choice("training.learning_rate", [3e-2, 2e-2, 1e-2])
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dots").mkdir()
    (tmp_path / "dots" / "settings.yaml").write_text(SETTINGS)
    (tmp_path / "dots" / "mine.py").write_text(CODE)
    random = np.random.default_rng(0)
    rows = [
        f"{x:.4f},{y:.4f},{'left' if x + y < 0 else 'right'}"
        for x, y in random.normal(size=(600, 2))
    ]
    (tmp_path / "dots.csv").write_text("\n".join(["x,y,side", *rows]) + "\n")
    return tmp_path


def test_goes_on_after_a_kill_and_after_ctrl_c_and_writes_what_it_proposes(folder: Path):
    process = _start(folder)
    [first] = _trials(folder, 1, process)
    process.kill()
    process.communicate(timeout=LONGEST_SECONDS)

    process = _start(folder)
    again, second = _trials(folder, 2, process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 130, (out, err)
    assert "the same command goes on; best so far, not confirmed: AUC" in out
    assert "Traceback" not in out + err

    process = _start(folder, "--json", "--write")
    out, err = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 0, (out, err)
    found = json.loads(out)["tuning"]
    trials = found["trials"]
    assert [trial["seconds"] for trial in trials[:2]] == [first["seconds"], second["seconds"]]
    assert again == first
    assert len(trials) == 3
    assert trials[0]["values"] == {"training.learning_rate": 1e-6}
    assert found["confirmation"]["gain"] > found["confirmation"]["noise"]
    [(key, value)] = found["proposal"].items()
    assert (key, trials[found["best"]]["values"][key]) == ("training.learning_rate", value)
    changed = SETTINGS.replace("1.0e-6", str(value))
    assert (folder / "dots" / "settings.yaml").read_text() == changed
    assert f"+  learning_rate: {value}\n" in found["diff"]
    assert Path(found["page"]).read_text().count("<polyline") == 3
    # What TFX's own Trainer would take.
    [best] = (folder / "root").glob(
        "artifacts/Tuner/best_hyperparameters/*/best_hyperparameters.txt"
    )
    assert json.loads(best.read_text())["values"][key] == value


def _start(folder: Path, *arguments: str) -> WarmProcess:
    command = [str(REPOSITORY / "local_runner.py"), "tune"]
    given = ["--config", "dots/settings.yaml", "--root", "root", "--trials", "3", "--minutes", "9"]
    return warm.start(
        [*command, *given, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        start_new_session=True,
    )


def _trials(folder: Path, count: int, process: WarmProcess) -> list[dict[str, Any]]:
    """The first trials, once there are so many."""
    end = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < end and process.returncode is None:
        lines = [
            line
            for path in folder.glob("root/tuning/*/trials.jsonl")
            for line in path.read_text().splitlines()
        ]
        if len(lines) >= count:
            return [json.loads(line)["trial"] for line in lines[:count]]
        time.sleep(0.02)
    raise AssertionError(process.communicate(timeout=10))
