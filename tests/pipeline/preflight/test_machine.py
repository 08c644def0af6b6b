"""What a machine is refused for before anything runs."""

import json
import os
from pathlib import Path

import pytest

from pipeline.preflight.machine import check_machine
from pipeline.settings import REPOSITORY, Settings, SettingsError, load_settings


def _settings(*overrides: str) -> Settings:
    return load_settings(REPOSITORY / "configs" / "quick.yaml", overrides)


def test_a_machine_that_starts_no_model_server_is_told_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SettingsError, match="There is no docker on PATH; install Docker"):
        check_machine(_settings("serving_check.backend=docker"))
    check_machine(_settings("serving_check.backend=embedded"))


@pytest.mark.medium
def test_a_working_folder_that_shadows_modules_of_beam_workers_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    workers = "beam.args=['--direct_running_mode=multi_processing']"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").touch()
    check_machine(_settings(workers))
    (tmp_path / "queue.py").touch()
    (tmp_path / "serving").mkdir()
    (tmp_path / "serving" / "__init__.py").touch()
    check_machine(_settings())
    with pytest.raises(SettingsError, match="whose queue, serving would take the place"):
        check_machine(_settings(workers))


def test_temporary_files_go_to_no_path_that_tensorflow_takes_for_a_pattern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "module [1]"))
    with pytest.raises(SettingsError, match=r"it holds '\[', .* set TMPDIR to another folder"):
        check_machine(_settings())
    monkeypatch.setattr("tempfile.tempdir", os.fsdecode(b"/tmp/\xff"))
    with pytest.raises(SettingsError, match=r"it is not UTF-8, .* set TMPDIR to another folder"):
        check_machine(_settings())


@pytest.mark.medium
@pytest.mark.parametrize(
    ("root", "files", "said"),
    [
        ("gs://bucket/runs", "gs://bucket/*.csv", None),
        ("gs://bucket/runs", "/srv/*.csv", "and data.files is no address in gs://: name one"),
        ("s3://bucket/runs", "gs://bucket/*.csv", "and pipeline_root is no address in gs://: name"),
        (None, "trips.csv", "and pipeline_root and data.files are no addresses in gs://: name"),
    ],
)
def test_workers_in_googles_cloud_read_nothing_of_this_machine(
    root: str | None, files: str, said: str | None, tmp_path: Path
):
    cloud = {"project": "my-project", "region": "europe-west1", "temp_location": "gs://bucket/temp"}
    document = {
        "name": "trips",
        "data": {"format": "csv", "files": files},
        "features": {"fare": {"kind": "number"}},
        "label": {"name": "tip", "kind": "classes", "values": ["no", "yes"]},
        "beam": {"profile": "dataflow", "dataflow": cloud},
        "pipeline_root": root,
    }
    (tmp_path / "trips.yaml").write_text(json.dumps(document))
    settings = load_settings(tmp_path / "trips.yaml", [])
    if said is None:
        check_machine(settings)
        return
    with pytest.raises(SettingsError) as caught:
        check_machine(settings)
    assert said in str(caught.value)
