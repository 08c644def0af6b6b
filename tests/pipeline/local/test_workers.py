"""Whether the workers can do what nodes ask of them: Beam's real ones, of this process."""

from __future__ import annotations

import dataclasses
import platform
from pathlib import Path

import pytest

from pipeline.beam_workers.canary import WorkersError
from pipeline.local.workers import try_workers
from pipeline.places import Places
from pipeline.settings import REPOSITORY, Settings, load_settings
from serving.base_path import storage

HERE = ("--runner=DirectRunner",)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(
        data=str(tmp_path),
        data_source="folder",
        module_sha256=None,
        base_path=str(tmp_path / "serving"),
        artifacts=str(tmp_path / "artifacts"),
    )


def settings(*overrides: str) -> Settings:
    return load_settings(REPOSITORY / "configs" / "quick.yaml", list(overrides))


def test_the_machine_that_answered_is_named(places: Places):
    assert try_workers(settings(), places, HERE) == f"Beam workers answer, on {platform.node()}"
    # What was asked and answered is gone from where nodes write.
    assert [*Path(places.artifacts).iterdir()] == []


def test_a_job_service_of_the_settings_is_tried_first(places: Places):
    portable = settings(
        "beam={profile: portable, portable: {job_endpoint: 'localhost:1', environment: loopback}}"
    )
    with pytest.raises(
        WorkersError, match=r"answers at beam\.portable\.job_endpoint = localhost:1"
    ):
        try_workers(portable, places, HERE)


@pytest.mark.slow  # starts a server
def test_artifacts_in_a_bucket_are_read_and_written_there(
    places: Places, remote_root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    there = dataclasses.replace(places, artifacts=remote_root)
    assert try_workers(settings(), there, HERE) == f"Beam workers answer, on {platform.node()}"
    assert not storage.exists(remote_root)
    assert not [*tmp_path.iterdir()]


def test_where_executors_work_on_copies_so_do_workers(places: Places, tmp_path: Path):
    copies = tmp_path / "copies"
    there = dataclasses.replace(places, artifacts="s3://bucket/runs", copies=str(copies))
    assert try_workers(settings(), there, HERE) == f"Beam workers answer, on {platform.node()}"
    assert [*copies.iterdir()] == []
