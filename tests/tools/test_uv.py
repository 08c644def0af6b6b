"""How uv is found and called, and what its failures are turned into."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.fakes import program
from tools.uv import Uv, UvError, explain, find_uv, get_uv, settings_from_pip


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            "error: Request failed after 3 retries\n  cause: client error (Connect)\n"
            "  cause: dns error\n",
            "no package index can be reached: check the network",
        ),
        ("ERROR: Could not install: [Errno 28] No space left on device", "the disk is full"),
        (
            "  × Failed to build `pyfarmhash==0.3.2`\n  error: command 'g++' failed",
            "sudo apt-get install g++",
        ),
        (
            "error: Failed to build `pyfarmhash==0.3.2`\n"
            "   error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-g++'",
            "sudo apt-get install g++",
        ),
        ("src/farmhash.cc:1:10: fatal error: Python.h: No such file or directory", "python3-dev"),
        ("Error: Command '[...ensurepip...]'\nensurepip is not available.", "python3-venv"),
        ("error: Failed to download `x`\n  Hash mismatch for `x==1`", "differs from its hash"),
        ("Resolved 3 packages\nerror: something new\nmore", "failed: error: something new"),
        ("", "it said nothing"),
    ],
)
def test_a_failure_names_its_cause_and_what_mends_it(output: str, sentence: str):
    explained = explain("uv pip", output)
    assert sentence in explained
    assert "\n" not in explained


def test_a_mirror_and_certificate_meant_for_pip_hold_for_uv():
    environ = {
        "PIP_INDEX_URL": "https://example.com/simple",
        "PIP_CERT": "/ca.pem",
        "UV_PYTHON": "3",
    }
    assert settings_from_pip(environ) == {
        "PIP_INDEX_URL": "https://example.com/simple",
        "PIP_CERT": "/ca.pem",
        "UV_DEFAULT_INDEX": "https://example.com/simple",
        "SSL_CERT_FILE": "/ca.pem",
    }
    own = {"PIP_CERT": "/ca.pem", "SSL_CERT_FILE": "/own.pem"}
    assert settings_from_pip(own)["SSL_CERT_FILE"] == "/own.pem"


def test_a_shim_on_path_is_passed_over_for_our_own(tmp_path: Path):
    program(tmp_path / "shims" / "uv", "exit 127")
    environ = {"PATH": str(tmp_path / "shims")}
    assert find_uv(str(tmp_path), environ) is None
    ours = program(tmp_path / ".boot" / "bin" / "uv", "echo uv 1.0")
    found = find_uv(str(tmp_path), environ)
    assert found is not None
    assert found.path == str(ours)


def test_progress_leaves_out_the_list_of_packages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    said = "Downloading tensorflow (546.3MiB)\n Downloading six (9.1KiB)\n + six==1\nInstalled 2"
    fake = program(tmp_path / "uv", f"cat >&2 <<'END'\n {said}\nEND")
    Uv(str(fake), str(tmp_path), {}).run("pip", "sync")
    assert capsys.readouterr().err == "   Downloading tensorflow (546.3MiB)\n  Installed 2\n"


def test_a_failing_uv_raises_its_reason(tmp_path: Path):
    fake = program(tmp_path / "uv", "echo 'error: No space left on device' >&2; exit 2")
    with pytest.raises(UvError, match="uv pip failed: the disk is full"):
        Uv(str(fake), str(tmp_path), {}).run("pip", "sync")


def test_uv_is_had_from_the_first_python_that_can_make_it(tmp_path: Path):
    broken = program(tmp_path / "broken", "echo 'No module named venv'; exit 1")
    # Makes a venv whose pip succeeds, as `python -m venv FOLDER` does.
    works = program(
        tmp_path / "works",
        'mkdir -p "$3/bin" && printf "#!/bin/sh\\n" >"$3/bin/python" && chmod +x "$3/bin/python"',
    )
    uv = get_uv(str(tmp_path), [str(broken), str(works)], {"PATH": "/usr/bin:/bin"})
    assert uv.path == str(tmp_path / ".boot" / "bin" / "uv")


def test_no_python_can_make_uv(tmp_path: Path):
    broken = program(tmp_path / "broken", "echo 'Error: No module named venv'; exit 1")
    with pytest.raises(UvError, match=r"Installing uv failed: .*apt-get install python3-venv"):
        get_uv(str(tmp_path), [str(broken)], {})
    assert not (tmp_path / ".boot").exists()
