"""What commands write, run as a user runs them, whatever stands at the other end."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from documents.shown import shown_lines
from documents.terminal.console import ending_at_ctrl_c, program
from serving.base_path.content import PROVENANCE
from serving.base_path.ledger import LEDGER, read_ledger
from serving.base_path.versions import live_version
from tests.there import there

REPOSITORY = Path(__file__).parents[3]
RECORDED = REPOSITORY / "tests/inspection/recorded/workspace"
ENVIRONMENTS = {
    "UTF-8": {"LC_ALL": "C.UTF-8"},
    "a locale that is not there": {"LC_ALL": "en_US"},
    "ASCII": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "PYTHONIOENCODING": {"PYTHONIOENCODING": "ascii:strict"},
    "Latin-1": {"PYTHONIOENCODING": "latin-1:strict"},
}
OTHERS = [pytest.mark.slow, pytest.mark.extended]
SOME_EXTENDED = [
    environment if environment == "ASCII" else pytest.param(environment, marks=OTHERS)
    for environment in ENVIRONMENTS
]
ESCAPE = "\x1b]0;owned\x07\x1b[31m\x9b2J\u202e"
"""Sets a title and colours, clears the screen, and turns the text round."""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """One in which every text that a reader is shown tries to steer the terminal."""
    workspace = shutil.copytree(RECORDED, tmp_path / "Zürich →")
    base = workspace / "serving/fashion_mnist"
    for version in (base / "1795427425", base / ".withdrawn-1795427461"):
        provenance = json.loads((version / PROVENANCE).read_text())
        provenance |= {"run_id": f"run {ESCAPE}", "content_digest": f"sha256:{ESCAPE}"}
        (version / PROVENANCE).write_text(json.dumps(provenance))
    lines = (base / LEDGER).read_text().splitlines()
    entries = [json.loads(line) | {"reason": f"because → {ESCAPE}"} for line in lines]
    (base / LEDGER).write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return workspace


def run(
    *arguments: str, env: dict[str, str] | None = None, **options
) -> subprocess.CompletedProcess[bytes]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env={**kept, **(env or {})},
        timeout=120,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


def base_of(workspace: Path) -> str:
    return str(workspace / "serving/fashion_mnist")


def commands(workspace: Path) -> dict[str, list[str]]:
    base, store = base_of(workspace), str(workspace / "metadata.db")
    hostile = str(workspace / f"no such {ESCAPE}")
    return {
        "versions": ["-m", "serving", "versions", "--base-path", base],
        "rollback": ["-m", "serving", "rollback", "--dry-run", "--base-path", base],
        "restore": ["-m", "serving", "restore", "1795427461", "--base-path", base],
        "prune": ["-m", "serving", "prune", "--keep", "1", "--withdrawn", "--base-path", base],
        "predict": ["-m", "serving", "predict", hostile, "--url", "http://127.0.0.1:9"],
        "serve": ["-m", "serving", "serve", "--base-path", hostile],
        "inspection": ["-m", "inspection", "serving", "--store", store],
        "why": ["-m", "inspection", "why", "1795427461", "--base-path", base],
        "no store": ["-m", "inspection", "runs", "--store", hostile],
        "hub": ["-m", "models.hub", hostile],
        "runner": ["local_runner.py", "--config", hostile],
        "model server": ["-m", "serving.server", f"--x={ESCAPE}", "--model_base_path=relative"],
    }


@pytest.mark.medium
@pytest.mark.parametrize(
    "command",
    [
        name if name in ("versions", "inspection") else pytest.param(name, marks=OTHERS)
        for name in commands(Path())
    ],
)
def test_no_command_lets_a_file_steer_the_terminal(workspace: Path, command: str) -> None:
    done = run(*commands(workspace)[command], env={"LC_ALL": "C.UTF-8"})
    for text in (done.stdout.decode(), done.stderr.decode()):
        assert shown_lines(text) == text
        assert "Traceback" not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "environment"),
    [
        # Each command in what has fewest signs, and one that writes most in all of them.
        *((command, "ASCII") for command in ("versions", "hub", "runner", "restore", "inspection")),
        *(
            pytest.param("inspection", environment, marks=pytest.mark.extended)
            for environment in ENVIRONMENTS
            if environment != "ASCII"
        ),
    ],
)
def test_an_encoding_fails_no_command(workspace: Path, command: str, environment: str) -> None:
    done = run(*commands(workspace)[command], env=ENVIRONMENTS[environment])
    assert done.returncode == {"hub": 1, "runner": 2, "restore": 1}.get(command, 0)
    assert b"Error" not in done.stderr
    assert b"Traceback" not in done.stderr
    assert done.stdout or done.stderr


def rollback(workspace: Path, **options) -> subprocess.CompletedProcess[bytes]:
    """Of the live version to one that is copied from it."""
    base = Path(base_of(workspace))
    shutil.copytree(base / "1795427425", base / "1")
    done = run(
        *("-m", "serving", "rollback", "--base-path", str(base), "--reason", "because"), **options
    )
    assert there(live_version(base)).number == 1
    assert read_ledger(base)[-1].action == "rollback"
    return done


@pytest.mark.medium
@pytest.mark.parametrize("environment", SOME_EXTENDED)
def test_a_change_that_was_made_is_a_success_in_every_encoding(
    workspace: Path, environment: str
) -> None:
    done = rollback(workspace, env=ENVIRONMENTS[environment])
    assert done.returncode == 0
    assert b"Rolled back to version 1" in done.stdout


@pytest.mark.medium
def test_and_with_nobody_to_tell_it_to(workspace: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = rollback(workspace, stdout=write)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.medium
def test_and_when_the_disk_of_the_output_is_full(workspace: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = rollback(workspace, stdout=full)
    assert done.returncode == 0
    assert done.stderr == b"Standard output cannot be written: No space left on device.\n"


@pytest.mark.medium
def test_an_answer_that_could_not_be_written_is_a_failure(workspace: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = run(*commands(workspace)["versions"], stdout=full)
    assert done.returncode == 1
    assert done.stderr == b"Standard output cannot be written: No space left on device.\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "closed",
    [
        *(pytest.param(one, marks=pytest.mark.extended) for one in ("0<&-", "1>&-", "2>&-")),
        "0<&- 1>&- 2>&-",
    ],
)
def test_a_stream_may_be_closed(workspace: Path, closed: str) -> None:
    script = f'exec "$0" "$@" {closed}'
    for command, code in (("versions", 0), ("inspection", 0), ("hub", 1)):
        done = subprocess.run(
            ["sh", "-c", script, sys.executable, *commands(workspace)[command]],
            cwd=REPOSITORY,
            capture_output=True,
            timeout=120,
        )
        assert done.returncode == code
        assert b"Traceback" not in done.stderr


@pytest.mark.medium
def test_signs_that_an_encoding_lacks_read_plainly(workspace: Path) -> None:
    done = rollback(workspace, env=ENVIRONMENTS["PYTHONIOENCODING"])
    assert b"live: version 1795427425 -> version 1." in done.stdout


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (["closed"], 1, "/a/file cannot be used: Permission denied.\n"),
        (["broken"], 1, "out of luck.\n"),
        (["--store=--"], 2, "--store=-- gives no value; write one after the `=`.\n"),
        (["fine"], 0, ""),
    ],
)
def test_what_nobody_foresaw_is_a_sentence(
    given: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @program
    def main(arguments: list[str]) -> int:
        if arguments == ["closed"]:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/a/file")
        if arguments == ["broken"]:
            raise OSError("out of luck")
        return 0

    assert main(given) == code
    assert capsys.readouterr().err == said


def test_warnings_of_libraries_fail_no_command() -> None:
    code = (
        "import sys, warnings; from documents.terminal.console import ending_at_ctrl_c, program; "
        "main = program(lambda arguments: warnings.warn('old', DeprecationWarning) or 0); "
        "sys.exit(main([]))"
    )
    done = run("-c", code, env={"PYTHONWARNINGS": "error"})
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


@pytest.mark.medium
def test_signs_of_ours_have_plain_ones_where_an_encoding_lacks_them() -> None:
    asked = ["drift", "SparseCategoricalAccuracy", "--store", str(RECORDED)]
    shown = run("-m", "inspection", *asked, env=ENVIRONMENTS["ASCII"]).stdout.decode("ascii")
    assert re.search(r"^overall +[1-8]{3} ", shown, re.MULTILINE)
    assert "\\" not in shown


INTERRUPTED_IMPORT = """
import sys, time, types
from documents.terminal.console import ending_at_ctrl_c, program

@program
def main(arguments=None):
    with ending_at_ctrl_c():
        print("imports", flush=True)
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            # As numpy's does.
            raise ImportError("failed to import")
    return 0

sys.exit(main())
"""


def test_ctrl_c_in_an_import_leaves_no_trace_whatever_the_import_makes_of_it():
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED_IMPORT],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # As a shell starts it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout
    assert process.stdout.readline() == "imports\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (-signal.SIGINT, "")


def test_after_the_imports_ctrl_c_interrupts_as_before():
    before = signal.getsignal(signal.SIGINT)
    with ending_at_ctrl_c():
        pass
    assert signal.getsignal(signal.SIGINT) is before
