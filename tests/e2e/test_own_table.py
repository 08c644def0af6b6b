"""A table of one's own, through a settings file: examples, statistics and the schema's check."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e import warm
from tests.e2e.clone import REPOSITORY

pytestmark = pytest.mark.slow

SETTINGS = """
name: trips
features: {fare: {kind: number}, company: {kind: category}, day: {kind: date, format: "%d.%m.%Y"}}
label: {name: tip, kind: classes, values: ["no", "yes"]}
data: {format: csv, files: FILES, csv: {delimiter: ;, encoding: cp1252}}
evaluation: {metrics: [{metric: SparseCategoricalAccuracy, overall: {min: 0.5}}]}
"""


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(REPOSITORY / "local_runner.py"), "--config", "trips.yaml", "--root", "root"]
    return warm.run([*command, "--to", "ExampleValidator", *arguments], cwd=folder)


def _write(path: Path, rows: int, bad: int) -> None:
    lines = ["fare;company;day;tip;note"]
    lines += [
        f"{row}.5;Café {row % 4};{row % 28 + 1:02d}.11.2026;{('no', 'yes')[row % 2]};x"
        for row in range(rows)
    ]
    lines += [f"1,5;Café;01.11.2026;no;{row}" for row in range(bad)]
    path.write_text("\n".join(lines), "cp1252")


def test_a_table_is_read_checked_and_counted(tmp_path: Path):
    (tmp_path / "trips.yaml").write_text(SETTINGS.replace("FILES", "'data [1]/span-{SPAN}.csv'"))
    (tmp_path / "data [1]").mkdir()
    _write(tmp_path / "data [1]" / "span-7.csv", 998, bad=2)
    done = _run(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "column note of" in done.stdout
    assert "2 of 1000 rows cannot be read and are left out" in done.stdout
    [listed] = (tmp_path / "root").rglob("quarantine.jsonl")
    assert [json.loads(line)["line"] for line in listed.open()] == [1000, 1001]
    assert len([*(tmp_path / "root").rglob("ExampleValidator/anomalies/*")]) == 1

    again = _run(tmp_path, "--json")
    assert json.loads(again.stdout)["no_new_data"].startswith("No new data: span 7")

    _write(tmp_path / "data [1]" / "span-8.csv", 980, bad=20)
    stopped = _run(tmp_path)
    assert stopped.returncode == 1
    assert "20 of 1,000 rows (2 %) cannot be read, which is more than" in stopped.stdout
    assert "span-8.csv, lines 982, 983, 984: column fare holds '1,5'" in stopped.stdout
    assert "Traceback" not in stopped.stdout + stopped.stderr
