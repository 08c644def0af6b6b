"""The command line of the local runner."""

import os
import subprocess
import sys

import pytest

import local_runner
from pipeline.settings import REPOSITORY


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "local_runner.py", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )


def test_help_teaches_options_exit_codes_and_examples(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        local_runner.main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for word in ("--config", "--set", "--from", "--to", "--no-cache", "--jobs", "--json"):
        assert word in shown
    assert "exit codes" in shown
    assert "python local_runner.py --to Trainer" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--config", "none.yaml"], "Cannot read config none.yaml"),
        (["--set", "training.epoch=1"], "did you mean `training.epochs`"),
        (["--jobs", "0"], "'0': auto, or a whole number from 1 to"),
        (["--jobs", "two"], "'two': auto, or a whole number from 1 to"),
        (["--root", "/proc/nowhere"], "--root /proc/nowhere cannot be written"),
    ],
)
def test_a_mistake_ends_with_code_2_and_a_sentence(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
):
    # argparse ends the process itself.
    code: object
    try:
        code = local_runner.main(arguments)
    except SystemExit as end:
        code = end.code
    assert code == 2
    said = capsys.readouterr()
    assert message in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


@pytest.mark.medium
def test_a_mistake_in_the_command_line_as_a_user_makes_it():
    done = _run("--confg", "x")
    assert done.returncode == 2
    assert "--confg" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.medium
def test_a_python_without_docstrings_is_refused_with_its_mend():
    started = subprocess.run(
        [sys.executable, "local_runner.py"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONOPTIMIZE": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 2
    assert started.stderr.startswith("PYTHONOPTIMIZE=2, or -OO, takes the docstrings away")
