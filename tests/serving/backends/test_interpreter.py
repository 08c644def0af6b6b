from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from serving.backends.interpreter import clean_environment, module_command

SHADOWS = ("queue.py", "serving/__init__.py", "logging/__init__.py", "google/__init__.py")


@pytest.fixture
def strange_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with modules that break what imports them."""
    for name in SHADOWS:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("raise SystemExit('imported from the working folder')\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        module_command(module, *arguments),
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_lies_in_the_working_folder_is_not_imported(strange_folder: Path):
    done = run("serving.server", "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("TensorFlow ModelServer: embedded\n")


@pytest.mark.medium
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PYTHONPATH", "."),
        ("PYTHONPATH", "{folder}"),
        ("PYTHONHOME", "/nowhere"),
        ("PYTHONOPTIMIZE", "2"),
        ("PYTHONWARNINGS", "error"),
        ("PYTHONSAFEPATH", "1"),
        ("PYTHONVERBOSE", "1"),
        ("PYTHONINSPECT", "1"),
        ("LC_ALL", "C"),
    ],
)
def test_variables_of_the_shell_decide_nothing(
    strange_folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
):
    monkeypatch.setenv(name, value.format(folder=strange_folder))
    done = run("serving.server", "--version")
    assert (done.returncode, done.stderr) == (0, "")


def test_variables_that_change_numbers_or_logs_do_not_reach_a_child(
    monkeypatch: pytest.MonkeyPatch,
):
    changing = (
        "TF_ENABLE_ONEDNN_OPTS", "TF_XLA_FLAGS", "XLA_FLAGS", "TF_CPP_VMODULE", "GRPC_VERBOSITY",
        "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION", "NPY_DISABLE_CPU_FEATURES",
        "MALLOC_ARENA_MAX", "MALLOC_PERTURB_", "GLIBC_TUNABLES",
    )  # fmt: skip
    for name in (*changing, "TF_FORCE_GPU_ALLOW_GROWTH", "MY_CREDENTIALS"):
        monkeypatch.setenv(name, "x")
    environment = clean_environment({"XLA_FLAGS": "asked for"})
    assert {name for name in changing if name in environment} == {"XLA_FLAGS"}
    assert environment["XLA_FLAGS"] == "asked for"
    assert {"TF_FORCE_GPU_ALLOW_GROWTH", "MY_CREDENTIALS", "PATH"} <= environment.keys()


@pytest.mark.medium
def test_what_breaks_libraries_does_not_reach_a_server(
    strange_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    """Its runtime is loaded, which `--version` does not."""
    for start in ("sitecustomize.py", "usercustomize.py"):
        (strange_folder / start).write_text("raise SystemExit('imported from the folder')\n")
    for name, value in {
        "PYTHONPATH": strange_folder,
        "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "nonsense",
        "NPY_DISABLE_CPU_FEATURES": "SSE2",
        "PYTHONSTARTUP": strange_folder / "queue.py",
        "PYTHONPLATLIBDIR": "nowhere",
        "PYTHONCASEOK": "1",
        "PYTHONUSERBASE": strange_folder,
    }.items():
        monkeypatch.setenv(name, str(value))
    done = run("serving.server", "--model_config_file=/nowhere", "--port=0")
    assert "/nowhere" in done.stdout + done.stderr
    assert "imported from" not in done.stdout + done.stderr


def test_a_child_finds_what_this_process_can_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "only_here.py").write_text("print('found')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert run("only_here").stdout == "found\n"


def test_arguments_arrive_and_exit_codes_come_back():
    done = run("serving.server", "--port=eight")
    assert done.returncode == 255
    assert "--port" in done.stdout + done.stderr


def test_who_writes_no_bytecode_has_none_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "mine").mkdir()
    for name in ("__init__.py", "main.py"):
        (tmp_path / "mine" / name).touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    assert run("mine.main").returncode == 0
    assert not (tmp_path / "mine" / "__pycache__").exists()
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    assert run("mine.main").returncode == 0
    assert (tmp_path / "mine" / "__pycache__").exists()
