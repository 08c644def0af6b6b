"""Variables with which TensorFlow would end the process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from documents.environment.tensorflow import refusal

REPOSITORY = Path(__file__).resolve().parents[3]
COMPILE = (
    *("kubeflow_runner.py", "compile", "--config", "configs/quick.yaml", "--image", "a/b:1"),
    *("--pipeline-root", "gs://bucket/r", "--data", "gs://bucket/d", "--base-path"),
    *("gs://bucket/m", "--output", "x.yaml"),
)


def _started(command: tuple[str, ...], folder: Path, **variables: str):
    """A command as it is started in a terminal."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=REPOSITORY,
        env={"PATH": os.defpath, "TMPDIR": str(folder), **variables},
        capture_output=True,
        text=True,
    )


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.environ", {"PATH": "/usr/bin:/bin"})


@pytest.mark.slow  # each loads TensorFlow in a process of its own
@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("XLA_FLAGS", "--no_such_flag=1", "in XLA_FLAGS: --no_such_flag=1"),
        pytest.param(*("XLA_FLAGS", "/no/such/file", "/no/such/file"), marks=pytest.mark.extended),
        ("TF_XLA_FLAGS", "--no_such\x1b[31m", "in TF_XLA_FLAGS: --no_such"),
        pytest.param(*("TF_DETERMINISTIC_OPS", "perhaps", "into bool"), marks=pytest.mark.extended),
    ],
)
def test_what_ends_tensorflow_is_one_sentence_with_its_mend(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
):
    monkeypatch.setattr("os.environ", {"PATH": "/usr/bin:/bin", name: value, "TF_MINE": "x"})
    said = refusal()
    assert said is not None
    assert said.startswith(f"TensorFlow does not start with {name}=")
    assert why in said
    assert said.endswith(f"; unset {name}.")
    assert said.isprintable()


@pytest.mark.slow
def test_what_tensorflow_takes_is_refused_by_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.environ", {"PATH": "/usr/bin", "XLA_FLAGS": "--xla_cpu_use_acl=false"})
    assert refusal() is None


def test_others_variables_cost_no_look(monkeypatch: pytest.MonkeyPatch):
    # Terraform's, what people set for TensorFlow every day, and switches.
    names = {"TF_CLI_CONFIG_FILE": "~/.terraformrc", "TF_VAR_region": "x", "TF_LOG": "debug"}
    names |= {"TF_CPP_MIN_LOG_LEVEL": "x", "TF_DETERMINISTIC_OPS": "1", "TF_DISABLE_MKL": "true"}
    monkeypatch.setattr("os.environ", names)
    monkeypatch.setattr("subprocess.run", lambda *given, **more: pytest.fail("asked"))
    assert refusal() is None


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("local_runner.py", "tune", "--root", "ROOT"), marks=pytest.mark.extended),
        ("-m", "models.hub", "publish", "1", "--to", "ROOT", "--base-path", "ROOT"),
        ("-m", "models.hub", "build", "efficientnet_lite0", "--to", "ROOT", "--package", "/none"),
        COMPILE,
    ],
    ids=["tune", "publish", "build", "compile"],
)
def test_every_command_that_wants_tensorflow_says_why_it_does_not_start(
    tmp_path: Path, command: tuple[str, ...]
):
    given = tuple(part.replace("ROOT", str(tmp_path)) for part in command)
    done = _started(given, tmp_path, PYTHONOPTIMIZE="2")
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.startswith("PYTHONOPTIMIZE=2, or -OO, takes the docstrings away")
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_variable_stops_what_is_imported_first(tmp_path: Path):
    done = _started(COMPILE, tmp_path, XLA_FLAGS="--no_such_flag")
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.startswith("TensorFlow does not start with XLA_FLAGS=--no_such_flag in the")
    assert done.stderr.count("\n") == 1


@pytest.mark.medium
def test_a_command_that_needs_no_tensorflow_does_without(tmp_path: Path):
    (tmp_path / "base").mkdir()
    base = str(tmp_path / "base")
    done = _started(("-m", "serving", "versions", "--base-path", base), tmp_path, XLA_FLAGS="--x")
    assert "TensorFlow" not in done.stdout + done.stderr
