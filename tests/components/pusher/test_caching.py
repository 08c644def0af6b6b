"""Baseline and Pusher in a real pipeline: what runs again, and what is pushed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata, pipeline
from tfx.orchestration.local.local_dag_runner import LocalDagRunner

from serving.base_path.versions import list_versions, live_version, provenance_of
from serving.base_path.withdrawal import restore, rollback
from tests.components.pusher.graph import graph
from tests.there import there

CACHED = metadata_store_pb2.Execution.CACHED


class Runs:
    """Runs the pipeline in `folder` again and again, and reads what the last run did."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.base = folder / "base"
        self.store = metadata.sqlite_metadata_connection_config(str(folder / "metadata.db"))

    def run(self, weights: str, refusal: str = "") -> dict[str, Any]:
        """One run; returns the state of each node, and the properties of the PushedModel."""
        LocalDagRunner().run(
            pipeline.Pipeline(
                pipeline_name="fake",
                pipeline_root=str(self.folder / "artifacts"),
                components=graph(self.base, weights, refusal),
                enable_cache=True,
                metadata_connection_config=self.store,
            )
        )
        return self._last_run()

    def _last_run(self) -> dict[str, Any]:
        with metadata.Metadata(self.store) as handle:
            store = handle.store
            last: dict[str, Any] = {}
            for kind in store.get_execution_types():
                *_, execution = sorted(
                    store.get_executions_by_type(kind.name), key=lambda found: found.id
                )
                last[kind.name.rpartition(".")[2]] = (
                    "cached" if execution.last_known_state == CACHED else "run"
                )
                if kind.name.endswith("Pusher"):
                    *_, event = store.get_events_by_execution_ids([execution.id])
                    (artifact,) = store.get_artifacts_by_id([event.artifact_id])
                    last["outcome"] = artifact.custom_properties["outcome"].string_value
                    last["reason"] = artifact.custom_properties["reason"].string_value
            return last

    def baseline_of_live(self) -> int | None:
        live = there(live_version(self.base))
        recorded = there(provenance_of(live.path)).baseline
        return recorded.version if recorded else None


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    # TFX imports the code of a node by module name.
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return Runs(tmp_path)


ALL_CACHED = dict.fromkeys(["FakeTrainer", "Baseline", "FakeEvaluator", "Pusher"], "cached")


@pytest.mark.medium
def test_a_run_that_changes_nothing_is_cached_and_pushes_nothing(runs: Runs) -> None:
    first = runs.run("one")
    assert (first["Pusher"], first["outcome"]) == ("run", "pushed")
    assert runs.baseline_of_live() is None
    assert runs.run("one").items() >= ALL_CACHED.items()

    (one,) = list_versions(runs.base)
    assert runs.run("two")["outcome"] == "pushed"
    assert runs.baseline_of_live() == one.number
    assert runs.run("two").items() >= ALL_CACHED.items()
    assert len(list_versions(runs.base)) == 2


@pytest.mark.medium
def test_after_the_base_path_was_deleted_the_model_is_pushed_again(runs: Runs) -> None:
    runs.run("one")
    shutil.rmtree(runs.base)
    again = runs.run("one")
    assert (again["FakeTrainer"], again["Pusher"]) == ("cached", "run")
    assert again["outcome"] == "pushed"
    assert len(list_versions(runs.base)) == 1
    assert runs.run("one").items() >= ALL_CACHED.items()


@pytest.mark.medium
def test_a_refused_model_stays_refused_until_something_changes(runs: Runs) -> None:
    refused = runs.run("one", refusal="Accuracy is low.")
    assert (refused["outcome"], refused["reason"]) == ("refused", "Accuracy is low.")
    assert runs.run("one", refusal="Accuracy is low.").items() >= ALL_CACHED.items()
    assert list_versions(runs.base) == []
    assert runs.run("one")["outcome"] == "pushed"


@pytest.mark.medium
def test_going_back_to_an_older_model_pushes_it_again(runs: Runs) -> None:
    runs.run("one")
    runs.run("two")
    assert runs.run("one")["outcome"] == "pushed"
    one, two, again = list_versions(runs.base)
    assert runs.baseline_of_live() == two.number
    assert one.number < two.number < again.number
    assert runs.run("one").items() >= ALL_CACHED.items()


@pytest.mark.medium
def test_what_the_drivers_chose_is_recorded_on_the_executions(runs: Runs) -> None:
    runs.run("one")
    runs.run("two")
    one, two = list_versions(runs.base)
    with metadata.Metadata(runs.store) as handle:
        properties = {
            key: value
            for execution in handle.store.get_executions()
            for key, value in execution.custom_properties.items()
        }
    assert properties["live_version"].int_value == one.number
    assert properties["push_id"].string_value == there(provenance_of(two.path)).push_id


@pytest.mark.medium
def test_a_rollback_is_not_undone_by_the_next_run(runs: Runs) -> None:
    runs.run("one")
    runs.run("two")
    one, two = list_versions(runs.base)
    rollback(runs.base, reason="Two is worse.")
    refused = runs.run("two")
    assert (refused["Pusher"], refused["outcome"]) == ("run", "refused")
    assert f"withdrawn as version {two.number} (Two is worse)" in refused["reason"]
    assert list_versions(runs.base) == [one]
    assert runs.run("two").items() >= {"Pusher": "cached", "outcome": "refused"}.items()
    restore(runs.base, two.number)
    restored = runs.run("two")
    assert (restored["Pusher"], restored["outcome"]) == ("run", "already_live")
    assert runs.run("two")["Pusher"] == "cached"
