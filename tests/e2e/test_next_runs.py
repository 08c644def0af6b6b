"""What runs do in a ROOT in which others ran before, were refused, or were killed.

A verdict holds for the bytes that were judged, and for the baseline they were held against: as a
user meets it, in a run that is killed between verdict and push, and beside another publisher. Each
test finds the ROOT as its first run left it. What of this costs little in the ROOT of
test_local_run.py is tested there.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from serving.base_path.content import content_digest
from serving.base_path.versions import Version, live_version, publish
from serving.commands.versions import rows
from tests.e2e.clone import LONGEST_SECONDS, REPOSITORY, Clone, clone_with_table
from tests.there import there

pytestmark = [pytest.mark.slow, pytest.mark.extended]

WEIGHTS = "Format-Serving/variables/variables.data-00000-of-00001"
ANOTHER = "--set=training.seed=1"
"""Another model than that of the first runs."""


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone whose first run pushed a model, and beside it what it holds then."""
    clone = clone_with_table(REPOSITORY, tmp_path_factory.mktemp("next"))
    run = clone.run_warm()
    assert run.code == 0, run.out + run.err
    shutil.copytree(clone.source.parent, _kept(clone), symlinks=True)
    return clone


@pytest.fixture
def clone(pushed: Clone) -> Clone:
    """After one run, whatever other tests did: at the same place, which ML Metadata names."""
    shutil.rmtree(pushed.source.parent)
    shutil.copytree(_kept(pushed), pushed.source.parent, symlinks=True)
    return pushed


def test_what_changed_since_its_verdict_is_made_and_judged_again(clone: Clone) -> None:
    before = {*clone.root.glob(f"artifacts/Trainer/model/*/{WEIGHTS}")}
    _run_until(clone, "Pusher", ANOTHER)
    [weights] = {*clone.root.glob(f"artifacts/Trainer/model/*/{WEIGHTS}")} - before
    _flip_a_bit(weights)
    damaged = content_digest(weights.parents[1])

    resumed = clone.run_warm("--json", ANOTHER)
    assert resumed.code == 0, resumed.err
    assert resumed.summary["outcome"] == "pushed"
    assert {"Trainer", "Evaluator", "ServingCheck", "Pusher"} <= set(resumed.ran)
    assert not {"ExampleGen", "Transform"} & set(resumed.ran)
    assert "variables.data-00000-of-00001 changed; Trainer runs anew" in resumed.err
    assert content_digest(_live(clone).path) != damaged
    assert all(row.unchanged for row in rows(str(clone.base_path), verify=True))


def test_a_full_disk_in_the_base_path_is_told_and_leaves_nothing(clone: Clone) -> None:
    base_path, before = clone.base_path, clone.versions
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=80k", "tmpfs", str(base_path)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        # Nothing is live, as when the model was judged.
        run = clone.run_warm()
        assert run.code == 1, run.out + run.err
        assert "Traceback" not in run.out + run.err
        assert "Pusher failed" in run.out
        assert "has no space left on its disk" in run.out
        assert str(base_path) in run.out
        assert clone.versions == []
    finally:
        subprocess.run(["umount", str(base_path)], check=True)
    assert clone.versions == before


def test_a_refusal_by_the_serving_check_names_expected_and_found(clone: Clone) -> None:
    before = clone.versions
    run = clone.run_warm("--json", "--set", "serving_check.p99_ms=0.001")
    assert run.code == 3
    assert run.ran == ["ServingCheck", "Pusher"]
    assert "0.001" in run.summary["reason"]
    assert clone.versions == before


def test_an_edit_of_what_trainer_reaches_has_it_run_again(clone: Clone) -> None:
    clone.edit("models/preprocessing.py", '"""', '"""Edited. ')
    run = clone.run_warm("--json", "--to", "Trainer")
    assert run.code == 0, run.err
    assert run.ran == ["Transform", "Trainer"]


def test_nothing_is_pushed_over_another_than_it_was_judged_against(
    clone: Clone, tmp_path: Path
) -> None:
    first = _live(clone)
    others: list[Version] = []
    code, out = _run_until(
        clone,
        "ServingCheck",
        ANOTHER,
        then=lambda: others.append(_publish_another(first, clone.base_path, tmp_path / "other")),
    )
    assert code == 1
    [other] = others
    assert f"Pusher failed: Version {other.number} is live now" in out
    assert f"held the model against version {first.number}" in out
    assert "resume  " in out
    assert clone.versions == [first.number, other.number]

    run = clone.run_warm("--json", ANOTHER)
    assert run.code == 0, run.err
    assert {"Baseline", "Evaluator", "ServingCheck", "Pusher"} <= set(run.ran)
    assert "Trainer" not in run.ran  # the refused run made the model
    assert run.summary["outcome"] == "pushed"
    assert run.summary["evaluation"]["baseline"]["version"] == other.number
    assert clone.versions == [first.number, other.number, run.summary["version"]]


def test_a_partial_run_stops_where_it_is_told(clone: Clone) -> None:
    run = clone.run_warm("--json", "--to", "StatisticsGen", "--no-cache")
    assert run.code == 0, run.err
    assert run.summary["outcome"] == "unfinished"
    assert {*run.ran} == {"ExampleGen", "ImportSchemaGen", "StatisticsGen"}

    run = clone.run_warm("--json", "--from", "Evaluator")
    assert run.code == 0, run.err
    states = {node["node"]: node["state"] for node in run.summary["nodes"]}
    assert states["Trainer"] == "skipped"
    assert states["Evaluator"] in ("done", "cached")


def _kept(clone: Clone) -> Path:
    return clone.source.parent.with_name("kept")


def _live(clone: Clone) -> Version:
    return there(live_version(clone.base_path))


def _flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _publish_another(live: Version, base: Path, folder: Path) -> Version:
    """The live model again, with an asset more: another content that answers as well."""
    shutil.copytree(live.path, folder)
    (folder / "assets").mkdir(exist_ok=True)
    (folder / "assets" / "note.txt").write_text("by somebody else")
    shutil.rmtree(folder / "assets.extra")
    return publish(folder, base)


def _run_until(
    clone: Clone, node: str, *arguments: str, then: Callable[[], object] | None = None
) -> tuple[int, str]:
    """Starts a run and, as soon as `node` begins, kills it or does `then` beside it.

    Returns:
      exit code and standard output.
    """
    process = clone.start_warm(*arguments, start_new_session=True)
    timer = threading.Timer(LONGEST_SECONDS, process.kill)
    timer.start()
    told = ""
    for line in process.stdout:
        told += line
        if line.startswith(f"{node} …"):
            then() if then else process.send_signal(signal.SIGKILL)
    code = process.wait()
    timer.cancel()
    assert f"{node} …" in told, told
    return code, told
