"""The Dockerfile's instructions are executed in a root made for them, and nowhere else."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.kubeflow.validation.tasks.executors import EXECUTORS
from pipeline.settings import REPOSITORY
from tests.there import there


@pytest.fixture
def rehearse(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """docker/ is no package; what would change this machine fails instead."""
    monkeypatch.syspath_prepend(str(REPOSITORY / "docker"))
    path = REPOSITORY / "docker" / "rehearse.py"
    spec = there(importlib.util.spec_from_file_location("rehearse", path))
    module = importlib.util.module_from_spec(spec)
    before = [*sys.path]
    there(spec.loader).exec_module(module)
    sys.path[:] = before

    def executed(stages: object) -> None:
        raise AssertionError("executed")

    monkeypatch.setattr(module, "rehearse", executed)
    return module


def test_a_machine_that_somebody_uses_is_left_alone(
    rehearse: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(rehearse, "MARK", tmp_path / ".complete")
    with pytest.raises(SystemExit) as ended:
        rehearse.main([])
    assert ended.value.code == 2
    assert "run `.ci/current_lane --root" in capsys.readouterr().err
    (tmp_path / ".complete").touch()
    with pytest.raises(AssertionError, match="executed"):
        rehearse.main([])


@pytest.mark.parametrize("word", ["--help", "--hlep", "more"])
def test_who_asks_how_to_use_it_uses_nothing(
    rehearse: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setattr(rehearse, "MARK", tmp_path)
    with pytest.raises(SystemExit) as ended:
        rehearse.main([word])
    assert ended.value.code == (0 if word == "--help" else 2)


def test_the_mark_is_what_current_lane_leaves(rehearse: ModuleType) -> None:
    script = (REPOSITORY / ".ci" / "current_lane").read_text()
    assert f'touch "$root{rehearse.MARK}"' in script


def test_the_step_is_one_that_the_pipeline_has_today(rehearse: ModuleType) -> None:
    command = rehearse.one_step("python")
    given = {flag: command[at + 1] for at, flag in enumerate(command) if flag.startswith("--")}
    executor = EXECUTORS[given["--executor_class_path"]]
    told = json.loads(given["--json_serialized_invocation_args"])
    assert {*told["outputs"]["artifacts"]} == {*executor.gives}
    assert {*told["inputs"]["parameterValues"]} == {*executor.reads}
    for name, read in executor.reads.items():
        read(told["inputs"]["parameterValues"][name])


def test_every_executor_of_a_step_is_imported(
    rehearse: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    imported: list[str] = []
    monkeypatch.setattr("importlib.import_module", imported.append)
    exec(rehearse.IMPORTS, {})
    assert {f"{name}.Executor" for name in imported} == {*EXECUTORS}
    assert f"all {len(EXECUTORS)} executors" in capsys.readouterr().out
