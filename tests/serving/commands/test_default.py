"""Which model is meant when none is named."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from serving.__main__ import main
from tests.e2e.clone import REPOSITORY


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "workspace" / "serving"


def test_the_only_model_in_the_workspace(serving: Path, capsys: pytest.CaptureFixture[str]):
    (serving / "letters" / "7").mkdir(parents=True)
    (serving / "letters" / "7" / "saved_model.pb").write_bytes(b"")
    (serving / ".hidden").mkdir()
    assert main(["versions", "--json"]) == 0
    [listed] = json.loads(capsys.readouterr().out)
    assert listed["version"] == 7
    # Nobody listens there: the request would have been for that model.
    assert main(["predict", "--curl", "--url", "http://127.0.0.1:1"]) == 1
    assert "127.0.0.1:1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("models", "said"),
    [
        ((), "workspace/serving holds no model; `make run` makes one, or name one with"),
        (("b", "a"), "workspace/serving holds 2 models (a, b); name one, such as --"),
    ],
)
def test_nothing_is_guessed(
    serving: Path, capsys: pytest.CaptureFixture[str], models: tuple[str, ...], said: str
):
    for name in models:
        (serving / name).mkdir(parents=True)
    for command in ("versions", "rollback", "serve", "demo"):
        assert main([command]) == 1
        error = capsys.readouterr().err
        assert said in error
        assert "--base-path" in error
    assert main(["predict", "x.png"]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "--model-name" in error


@pytest.mark.parametrize(
    ("models", "asked", "said"),
    [
        (("a",), "", "/v1/models/a:predict"),
        (("a", "b"), "MODEL=b", "/v1/models/b:predict"),
        (("a", "b"), "", "choose one of a b with MODEL="),
        ((), "", "holds no model: `make run` makes one"),
    ],
)
def test_the_menu_means_the_same(serving: Path, models: tuple[str, ...], asked: str, said: str):
    for name in models:
        (serving / name).mkdir(parents=True)
    command = ["make", "-n", "-f", str(REPOSITORY / "Makefile"), "predict", *asked.split()]
    done = subprocess.run(command, capture_output=True, text=True)
    assert said in done.stdout + done.stderr
