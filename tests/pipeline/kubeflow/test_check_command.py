"""`check` up to the dry run, which tests/e2e/test_dry_run.py covers."""

import subprocess
import sys
from pathlib import Path

import pytest

import kubeflow_runner
from pipeline.settings import REPOSITORY


@pytest.mark.slow
def test_a_file_that_is_not_valid_is_not_executed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    # Each setting is right by itself; together they are more than a container is started with.
    big = f"kubeflow.all.env={{BIG: {'a' * 110_000}}}"
    assert kubeflow_runner.main(["check", "--work", str(tmp_path), "--set", big]) == 1
    assert "argument-size" in capsys.readouterr().out
    assert not (tmp_path / "oss.yaml").exists()
    assert not (tmp_path / "dry_run").exists()


def _check(work: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "kubeflow_runner.py", "check", "--work", work, *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_a_setting_that_its_target_does_not_know_is_a_usage_error(tmp_path: Path):
    trainer = "kubeflow.nodes.Trainer={gpus: 1, gpu_type: NVIDIA_TESLA_T4}"
    done = _check(tmp_path, "--set", trainer)
    assert done.returncode == 2
    assert "kubeflow.nodes.Trainer.gpu_type = NVIDIA_TESLA_T4 is not known to oss" in done.stderr
    assert not (tmp_path / "oss.yaml").exists()


def test_a_node_that_is_not_there_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    given = ["--work", str(tmp_path), "--set", "kubeflow.nodes.Traner.gpus=1"]
    assert kubeflow_runner.main(["check", *given]) == 2
    said = capsys.readouterr().err
    assert "there is no such node as 'Traner'; did you mean Trainer?" in said
    assert "Traceback" not in said
