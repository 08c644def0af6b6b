"""Artifacts in an object store: as TensorFlow, Beam and our own code read and write gs://, and on
local copies where TensorFlow has no file system, as for s3://."""

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
from tests.serving import amazons_place, googles_place

pytestmark = [pytest.mark.slow, pytest.mark.extended]

SETTINGS = """
name: trips
data: {format: csv, files: trips.csv}
features: {fare: {kind: number}, company: {kind: category}}
label: {name: tip, kind: classes, values: ["no", "yes"]}
training: {epochs: 12, batch_size: 16}
evaluation: {metrics: [{metric: SparseCategoricalAccuracy, overall: {min: 0.1}}]}
"""

RUNS = """
    import contextlib, io, json, signal, sys, time
    from pathlib import Path

    from serving.base_path import storage
    from tests.e2e import warm

    def objects(folder):
        with contextlib.suppress(FileNotFoundError):
            return [f"{folder}/{path}" for path in storage.files(f"{root}/{folder}")]
        return []

    def run(*arguments):
        done = warm.run([*sys.argv[1:], "--json", *arguments], cwd=Path.cwd())
        assert done.returncode == 0, done.stdout + done.stderr
        print(json.dumps(json.loads(done.stdout)))
        return done.stderr

    root = sys.argv.pop(1)
    killed = warm.start([*sys.argv[1:], "--to", "Transform"], cwd=Path.cwd())
    until = time.monotonic() + 400
    while not (of_killed := objects("Transform")) and time.monotonic() < until:
        time.sleep(0.02)
    killed.kill()
    assert killed.wait(60) == -signal.SIGKILL, killed.communicate()
    of_killed += objects("Transform")
    run()
    print(json.dumps([path for path in objects("Transform") if path in of_killed]))
    [graph] = [path for path in storage.files(root) if path.endswith("transform_fn/saved_model.pb")]
    storage.write(f"{root}/{graph}", io.BytesIO(b"damaged"))
    said = run("--to", "Transform")
    assert "transform_fn/saved_model.pb changed; Transform runs anew" in " ".join(said.split())
    print(json.dumps(storage.files(root)))
    searched = [sys.argv[1], "tune", *sys.argv[2:], "--trials", "1", "--json"]
    done = warm.run(searched, cwd=Path.cwd())
    assert done.returncode in (0, 3), done.stdout + done.stderr
    names = {path.rpartition("/")[2] for path in storage.files(f"{root}/Tuner")}
    assert names >= {"tuning.json", "tuning.html"}, names
    from inspection.__main__ import main
    assert main(["examples", "ExampleGen", "--last", "1", "--json", "--store", "root"]) == 0
"""


PLACES = {"gs": googles_place.enter, "s3": amazons_place.enter}


@pytest.mark.parametrize("scheme", PLACES)
def test_every_node_reads_and_writes_there_killed_or_not_and_the_cache_knows_what_changed(
    tmp_path: Path, scheme: str
):
    program = PLACES[scheme]()
    if program is None:
        pytest.skip("this machine allows no network of one's own")
    root = f"{scheme}://models/runs"
    (tmp_path / "trips.yaml").write_text(f"{SETTINGS}pipeline_root: {root}\n")
    rows = (f"{row},{('Red', 'Blue')[row % 2]},{('no', 'yes')[row % 2]}" for row in range(400))
    (tmp_path / "trips.csv").write_text("\n".join(["fare,company,tip", *rows]))
    runner = [str(REPOSITORY / "local_runner.py"), "--config", "trips.yaml", "--root", "root"]
    ended = subprocess.run(
        [*program, sys.executable, "-c", textwrap.dedent(RUNS), root, *runner, *FEW_REQUESTS],
        cwd=tmp_path,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    *lines, shown = ended.stdout.split("\n", 4)
    first, left, second, files = map(json.loads, lines)
    assert first["outcome"] == "pushed"
    assert left == []  # of what the node that was killed had written
    assert [*(tmp_path / "root" / "serving" / "trips").glob("*/saved_model.pb")]
    states = _states(first)
    done = [*states][[*states].index("Transform") :]
    assert {node for node, state in states.items() if state == "done"} >= {*done}
    assert states["ExampleGen"] == "cached"
    assert _states(second) == {
        node: "done" if node == "Transform" else "cached"
        for node in [*states][: [*states].index("Transform") + 1]
    }
    # Nothing of any node is on this machine.
    assert {path.split("/")[0] for path in files} >= set(states)
    assert not [*(tmp_path / "root").glob("artifacts/*")]
    # What was written down leads there, too, where executors worked on copies.
    [provenance] = (tmp_path / "root" / "serving" / "trips").glob("*/assets.extra/provenance.json")
    written = json.loads(provenance.read_text())["artifacts"].values()
    assert {each["uri"].partition("/runs/")[0] for each in written} == {f"{scheme}://models"}
    [row] = json.loads(shown)["rows"]
    assert row["company"] in ("Red", "Blue")


def _states(summary: dict[str, Any]) -> dict[str, str]:
    return {node["node"]: node["state"] for node in summary["nodes"] if node["state"] != "skipped"}


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY)}
