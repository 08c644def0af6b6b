"""A table whose rows have several tags, from a settings file to a push and an answer."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from serving.launch import launch
from tests.e2e import warm
from tests.e2e.clone import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.extended]

SETTINGS = """
name: rides
data: {format: csv, files: rides.csv}
features: {fare: {kind: number}, company: {kind: category}, remarks: {kind: text}}
label: {name: about, kind: tags, values: [dear, praise, late], threshold: 0.4}
training: {epochs: 30, batch_size: 32, early_stopping: {patience: 5}}
evaluation: {beat_constant: true}
serving_check:
  {growth_requests: 200, latency_requests: 20, parity_examples: 20, growth_percent: 50}
"""


def _rides(rows: int) -> str:
    made = random.Random(0)
    lines = ["fare,company,remarks,about"]
    for _ in range(rows):
        fare, company = round(made.gauss(10, 3), 2), made.choice(["Red", "Blue"])
        remarks = made.choice(["a very good ride", "late again", ""])
        is_so = {"dear": fare > 10, "praise": "good" in remarks, "late": "late" in remarks}
        lines.append(f"{fare},{company},{remarks},{'|'.join(n for n, so in is_so.items() if so)}")
    return "\n".join(lines)


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True)


def test_tags_are_pushed_and_answered(tmp_path: Path) -> None:
    (tmp_path / "rides.yaml").write_text(SETTINGS)
    (tmp_path / "rides.csv").write_text(_rides(500))
    runner = [str(REPOSITORY / "local_runner.py"), "--config", "rides.yaml", "--root", "root"]
    done = warm.run([*runner, "--json"], cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads(done.stdout)
    assert summary["outcome"] == "pushed"
    assert 0.4 < summary["test_accuracy"] <= 1
    rows = {row["metric"]: row for row in summary["evaluation"]["metrics"]}
    assert set(rows) == {"AUC", "F1Score", "BinaryAccuracy"}
    assert rows["AUC"]["must_beat_constant"]
    assert rows["AUC"]["value"] > 0.95 > rows["AUC"]["constant_value"]
    assert {*summary["evaluation"]["constant"].split(", ")} <= {"dear", "praise", "late", "no tag"}

    base_path = tmp_path / "root" / "serving" / "rides"
    with launch(base_path, "rides", backend="embedded") as server:
        server.wait_available()
        asked = ["fare=15", "company=Red", "remarks=late again"]
        predict = ["-m", "serving", "predict", "--url", server.rest_url, "--model-name", "rides"]
        found = _run(REPOSITORY, *predict, *asked)
    assert found.stdout.split()[0] == "dear|late", found.stderr
