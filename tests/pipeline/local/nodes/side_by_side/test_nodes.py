"""Nodes at the same time, on the smallest real pipeline in which some can."""

import json
import os
import sqlite3
from pathlib import Path

import pytest

from pipeline.local.nodes.side_by_side.nodes import told_first
from pipeline.settings import SettingsError
from tests.e2e import warm

HERE = Path(__file__).parent
COMPLETE, FAILED, CACHED = 3, 4, 5
"""ml_metadata.proto: Execution.State."""


@pytest.mark.slow
def test_two_run_at_once_and_a_failure_stops_what_is_behind_it_only(tmp_path: Path):
    ended = warm.run(
        [HERE / "meeting_nodes.py", tmp_path],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parents[4]), str(HERE)])},
    )
    assert ended.returncode == 0, ended.stderr
    first, second, third = json.loads(ended.stdout.splitlines()[-1])

    # Neither would have ended without the other.
    told = first["told"]
    assert told[:3] == ["run", "ImportSchemaGen started", "ImportSchemaGen done"]
    assert {"Left: Left is here", "Right: Right is here"} <= set(told)
    assert told.count("Left failed") == told.count("Right done") == 1
    assert "BehindRight done" in told
    assert not any("BehindLeft" in line for line in told)
    assert first["error"] == {
        "node": "Left",
        "sentence": "NoSuchShapeError: no such shape",
        "is of the user": True,
        "behind it": ["FileNotFoundError", str(tmp_path / "shape")],
    }

    # What was done is recorded, and the same command goes on from there.
    assert "Right cached" in second["told"]
    assert "BehindRight cached" in second["told"]
    assert second["error"]["node"] == "Left"
    assert second["error"]["sentence"].startswith("Its process was killed, as the system does")

    assert third["error"] is None
    assert {"ImportSchemaGen cached", "Right cached", "BehindRight cached"} <= set(third["told"])
    assert {"Left done", "BehindLeft done"} <= set(third["told"])
    connection = sqlite3.connect(tmp_path / "metadata.db")
    states = [state for (state,) in connection.execute("SELECT last_known_state FROM Execution")]
    connection.close()
    assert sorted(states) == [*[COMPLETE] * 5, *[FAILED] * 2, *[CACHED] * 6]


def test_of_two_failures_that_is_told_which_says_what_to_do():
    order = ["StatisticsGen", "Transform", "ExampleValidator"]
    wrong, ours = ValueError("bad shape"), SettingsError("Setting `a` = 1: no.")
    assert told_first({"Transform": wrong, "ExampleValidator": ours}, order) == "ExampleValidator"
    assert told_first({"Transform": wrong, "StatisticsGen": wrong}, order) == "StatisticsGen"
    assert told_first({"Transform": None, "ExampleValidator": wrong}, order) == "Transform"
