"""A verdict holds for the bytes that were judged, and for the baseline they were held against.

As a user meets it: a run that is killed between verdict and push, and another publisher.
"""

from __future__ import annotations

import shutil
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from serving.base_path.content import content_digest
from serving.base_path.versions import Version, live_version, publish
from serving.commands.versions import rows
from tests.e2e.clone import LITTLE, Clone

pytestmark = pytest.mark.slow

WEIGHTS = "Format-Serving/variables/variables.data-00000-of-00001"


def test_nothing_is_pushed_but_what_was_judged_over_what_it_was_judged_against(
    empty_clone: Clone, tmp_path: Path
) -> None:
    clone = empty_clone
    _run_until(clone, "Pusher")
    [weights] = clone.root.glob(f"artifacts/Trainer/model/*/{WEIGHTS}")
    _flip_a_bit(weights)
    damaged = content_digest(weights.parents[1])

    resumed = clone.run_warm("--json", *LITTLE)
    assert resumed.code == 0, resumed.err
    assert resumed.summary["outcome"] == "pushed"
    assert {"Trainer", "Evaluator", "ServingCheck", "Pusher"} <= set(resumed.ran)
    assert not {"ExampleGen", "Transform"} & set(resumed.ran)
    assert "variables.data-00000-of-00001 changed; Trainer runs anew" in resumed.err
    first = live_version(clone.base_path)
    assert first is not None
    assert content_digest(first.path) != damaged
    assert [row.unchanged for row in rows(str(clone.base_path), verify=True)] == [True]

    others: list[Version] = []
    code, out = _run_until(
        clone,
        "ServingCheck",
        "--set=training.seed=1",
        then=lambda: others.append(_publish_another(first, clone.base_path, tmp_path / "other")),
    )
    assert code == 1
    [other] = others
    assert f"Pusher failed: Version {other.number} is live now" in out
    assert f"held the model against version {first.number}" in out
    assert "resume  " in out
    assert clone.versions == [first.number, other.number]

    again = clone.run_warm("--json", *LITTLE, "--set=training.seed=1")
    assert again.code in (0, 3), again.err
    assert again.summary["evaluation"]["baseline"]["version"] == other.number
    assert {"Baseline", "Evaluator", "ServingCheck", "Pusher"} <= set(again.ran)
    assert "Trainer" not in again.ran


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
    process = clone.start_warm(*LITTLE, *arguments, start_new_session=True)
    timer = threading.Timer(280, process.kill)
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
