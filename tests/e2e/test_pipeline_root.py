"""Artifacts in an object store, as TensorFlow, Beam and our own code read and write gs://."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.clone import FEW_REQUESTS, REPOSITORY
from tests.serving.googles_place import enter

pytestmark = pytest.mark.slow

SETTINGS = """
name: trips
data: {format: csv, files: trips.csv}
features: {fare: {kind: number}, company: {kind: category}}
label: {name: tip, kind: classes, values: ["no", "yes"]}
training: {epochs: 12, batch_size: 16}
evaluation: {metrics: [{metric: SparseCategoricalAccuracy, overall: {min: 0.1}}]}
pipeline_root: gs://models/runs
"""

RUNS = """
    import io, json, sys
    from pathlib import Path

    from serving.base_path import storage
    from tests.e2e import warm

    def run(*arguments):
        done = warm.run([*sys.argv[1:], "--json", *arguments], cwd=Path.cwd())
        assert done.returncode == 0, done.stdout + done.stderr
        print(json.dumps(json.loads(done.stdout)))
        return done.stderr

    run()
    root = "gs://models/runs"
    [graph] = [path for path in storage.files(root) if path.endswith("transform_fn/saved_model.pb")]
    storage.write(f"{root}/{graph}", io.BytesIO(b"damaged"))
    said = run("--to", "Transform")
    assert "transform_fn/saved_model.pb changed; Transform runs anew" in " ".join(said.split())
    print(json.dumps(storage.files(root)))
"""


def test_every_node_reads_and_writes_there_and_the_cache_knows_what_changed(tmp_path: Path):
    program = enter()
    if program is None:
        pytest.skip("this machine allows no network of one's own")
    (tmp_path / "trips.yaml").write_text(SETTINGS)
    rows = (f"{row},{('Red', 'Blue')[row % 2]},{('no', 'yes')[row % 2]}" for row in range(400))
    (tmp_path / "trips.csv").write_text("\n".join(["fare,company,tip", *rows]))
    runner = [str(REPOSITORY / "local_runner.py"), "--config", "trips.yaml", "--root", "root"]
    ended = subprocess.run(
        [*program, sys.executable, "-c", textwrap.dedent(RUNS), *runner, *FEW_REQUESTS],
        cwd=tmp_path,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    first, second, files = map(json.loads, ended.stdout.splitlines())
    assert first["outcome"] == "pushed"
    assert [*(tmp_path / "root" / "serving" / "trips").glob("*/saved_model.pb")]
    states = _states(first)
    assert set(states.values()) == {"done"}
    assert _states(second) == {
        node: "done" if node == "Transform" else "cached"
        for node in [*states][: [*states].index("Transform") + 1]
    }
    # Nothing of any node is on this machine.
    assert {path.split("/")[0] for path in files} >= set(states)
    assert not [*(tmp_path / "root").glob("artifacts/*")]


def _states(summary: dict[str, Any]) -> dict[str, str]:
    return {node["node"]: node["state"] for node in summary["nodes"] if node["state"] != "skipped"}


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY)}
