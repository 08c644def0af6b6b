"""The command line of the Kubeflow runner, and the file it writes."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipeline.settings import REPOSITORY

PLACES = (
    *("--image", "example.com/tfx:1", "--pipeline-root", "gs://bucket/root"),
    *("--data", "gs://bucket/data", "--base-path", "gs://bucket/serving/fashion_mnist"),
)


def _compile(output: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "kubeflow_runner.py", "compile", *PLACES, "--output", output, *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_the_compiled_file_holds_the_same_nodes_as_the_local_pipeline(tmp_path: Path):
    output = tmp_path / "pipeline.yaml"
    done = _compile(output, "--set", "training.epochs=7")
    assert done.returncode == 0, done.stderr
    spec = yaml.safe_load(output.read_text())
    assert spec["schemaVersion"] == "2.1.0"
    assert set(spec["root"]["dag"]["tasks"]) == {
        *("ExampleGen", "ImportSchemaGen", "StatisticsGen", "ExampleValidator", "Transform"),
        *("Trainer", "Baseline", "Evaluator", "ServingCheck", "Pusher"),
    }
    images = {e["container"]["image"] for e in spec["deploymentSpec"]["executors"].values()}
    assert images == {"example.com/tfx:1"}
    assert '"epochs": 7' in output.read_text().replace("\\", "")


def test_an_output_that_kfp_would_refuse_is_a_usage_error(tmp_path: Path):
    done = _compile(tmp_path / "pipeline.json")
    assert done.returncode == 2
    assert "must end in .yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_teaches_the_command():
    shown = subprocess.run(
        [sys.executable, "kubeflow_runner.py", "compile", "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    ).stdout
    for word in ("--image", "--pipeline-root", "--data", "--base-path", "--output"):
        assert word in shown
