"""Verdicts and what happens after them, through the local runner: no TensorFlow model is made."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tfx.orchestration import metadata, pipeline

from components.pusher.decision import StaleVerdictError
from pipeline.local.nodes.launch import NodeFailedError, launch
from pipeline.local.nodes.result import NodeResult
from serving.base_path.content import PROVENANCE, content_digest
from serving.base_path.versions import list_versions, live_version, publish
from serving.commands.versions import rows
from tests.components.pusher.graph import graph
from tests.there import there

NODES = Path(__file__).parents[2] / "components" / "pusher"


class Silent:
    """An observer that does something when a node starts."""

    def __init__(self, **then):
        self.then = then

    def run_started(self, nodes: Sequence[str]) -> None: ...

    def node_started(self, node: str) -> None:
        self.then.get(node, lambda: None)()

    def node_finished(self, result: NodeResult) -> None: ...


class Runs:
    """Runs trainer, Baseline, evaluator and Pusher in `folder`, as the local runner does."""

    def __init__(self, folder: Path):
        self.folder, self.base = folder, folder / "base"
        self.count = 0

    def run(self, weights: str = "one", *, to_pusher: bool = True, **then) -> dict[str, str]:
        """The state of each node."""
        self.count += 1
        built = pipeline.Pipeline(
            pipeline_name="fake",
            pipeline_root=str(self.folder / "artifacts"),
            components=graph(self.base, weights)[: None if to_pusher else -1],
            enable_cache=True,
            metadata_connection_config=metadata.sqlite_metadata_connection_config(
                str(self.folder / "metadata.db")
            ),
        )
        results = launch(built, f"run-{self.count}", Silent(**then), copies=self.folder / "copies")
        return {result.node: result.state for result in results}

    @property
    def model(self) -> Path:
        """The newest one that was trained."""
        models = self.folder.glob("artifacts/FakeTrainer/model/*/Format-Serving")
        return max(models, key=lambda path: int(path.parent.name))

    def other(self) -> None:
        """Somebody publishes another model."""
        folder = self.folder / f"other-{self.count}"
        folder.mkdir()
        (folder / "saved_model.pb").write_text(f"other {self.count}")
        document = json.dumps({"content_digest": content_digest(folder)}).encode()
        publish(folder, self.base, extra_files={PROVENANCE: document})


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    # TFX imports the code of a node by module name.
    monkeypatch.syspath_prepend(str(NODES))
    sys.modules.pop("fake_nodes", None)
    return Runs(tmp_path)


def _flip(model: Path) -> None:
    weights = model / "variables" / "variables.index"
    weights.write_bytes(bytes([weights.read_bytes()[0] ^ 1]) + weights.read_bytes()[1:])


def _lose(model: Path) -> None:
    (model / "variables" / "variables.index").unlink()


def _add(model: Path) -> None:
    (model / "variables" / "more").write_bytes(b"")


@pytest.mark.medium
@pytest.mark.parametrize(
    ("damage", "live"),
    [(_flip, False), (_lose, True), (_add, False)],
    ids=["a first push", "over a live version", "of a file more"],
)
def test_a_resumed_run_pushes_what_it_made_anew_and_judged(runs: Runs, damage, live: bool) -> None:
    if live:
        runs.run("zero")
    runs.run("one", to_pusher=False)
    whole = content_digest(runs.model)
    damage(runs.model)
    resumed = runs.run("one")
    assert resumed == dict.fromkeys(["FakeTrainer", "Baseline", "FakeEvaluator", "Pusher"], "done")
    assert content_digest(there(live_version(runs.base)).path) == whole
    assert all(row.unchanged for row in rows(str(runs.base), verify=True))
    assert set(runs.run("one").values()) == {"cached"}


@pytest.mark.medium
def test_bytes_that_change_between_verdict_and_push_are_not_pushed(runs: Runs) -> None:
    with pytest.raises(NodeFailedError, match=r"Before Pusher could use it, .* changed"):
        runs.run("one", Pusher=lambda: _flip(runs.model))
    assert list_versions(runs.base) == []
    assert runs.run("one")["FakeTrainer"] == "done"
    assert len(list_versions(runs.base)) == 1


@pytest.mark.medium
@pytest.mark.parametrize("first", [False, True])
def test_nobody_is_overtaken_unseen_and_the_next_run_judges_again(runs: Runs, first: bool) -> None:
    if not first:
        runs.run("zero")
    before = list_versions(runs.base)
    with pytest.raises(NodeFailedError, match="is live now, and Evaluator") as caught:
        runs.run("one", Pusher=runs.other)
    assert isinstance(caught.value.__cause__, StaleVerdictError)
    (other,) = set(list_versions(runs.base)) - set(before)
    again = runs.run("one")
    assert again["FakeTrainer"] == "cached"
    assert {again[node] for node in ("Baseline", "FakeEvaluator", "Pusher")} == {"done"}
    assert there(live_version(runs.base)).number > other.number
    assert set(runs.run("one").values()) == {"cached"}


@pytest.mark.medium
def test_a_damaged_copy_of_the_baseline_and_a_damaged_verdict_are_made_anew(runs: Runs) -> None:
    runs.run("zero")
    runs.run("one", to_pusher=False)
    [copy] = runs.folder.glob("artifacts/Baseline/baseline/*/Format-Serving/saved_model.pb")
    copy.write_text("damaged")
    resumed = runs.run("one", to_pusher=False)
    assert resumed == {"FakeTrainer": "cached", "Baseline": "done", "FakeEvaluator": "done"}
    for verdict in runs.folder.glob("artifacts/FakeEvaluator/blessing/*/verdict.json"):
        verdict.write_text(verdict.read_text().replace("true", "false"))
    resumed = runs.run("one")
    assert (resumed["Baseline"], resumed["FakeEvaluator"]) == ("cached", "done")
    assert resumed["Pusher"] == "done"
