"""docs/base_path.md says what is true."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from documents.base_path_change import BasePathChange
from documents.saved_model import WARM_UP
from serving.__main__ import main
from serving.base_path.content import PROVENANCE, content_digest
from serving.base_path.ledger import LEDGER, read_ledger
from serving.base_path.versions import publish
from serving.base_path.withdrawal import prune, withdraw
from serving.commands import versions

REPOSITORY = Path(__file__).parents[3]
PAGE = (REPOSITORY / "docs/base_path.md").read_text()
NUMBERS = (1767052800, 1767139200, 1767225600)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    model = tmp_path / "model"
    model.mkdir()
    (model / "saved_model.pb").write_bytes(b"graph")
    provenance = {"test_accuracy": 0.9, "content_digest": content_digest(model)}
    for number in NUMBERS:
        publish(
            model,
            tmp_path / "base",
            version=number,
            extra_files={PROVENANCE: json.dumps(provenance).encode()},
        )
    return tmp_path / "base"


Ended = subprocess.CompletedProcess[str]
Run = Callable[..., Ended]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process: starting Python takes longer than most of them."""

    def run_here(*arguments: str) -> Ended:
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return Ended(arguments, code, printed.out, printed.err)

    return run_here


def test_its_commands_work_in_their_order(base: Path, run: Run) -> None:
    commands = re.findall("^python -m serving (.*)$", PAGE, re.MULTILINE)
    assert len(commands) == 7
    for command in commands:
        done = run(*shlex.split(command.replace("BASE", str(base))))
        assert (done.returncode, done.stderr) == (0, ""), command
        assert done.stdout
    assert sorted(name for name in os.listdir(base) if not name.startswith(".")) == [
        "1767139200",
        "1767225600",
    ]


def test_its_shell_command_prints_the_content_digest(base: Path) -> None:
    (command,) = re.findall("^find .*$", PAGE, re.MULTILINE)
    folder = base / str(NUMBERS[0])
    printed = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True)
    assert f"sha256:{printed.stdout.split()[0]}" == content_digest(folder)


def test_versions_as_json(base: Path, run: Run) -> None:
    run("withdraw", str(NUMBERS[0]), "--reason", "old", "--base-path", str(base))
    (base / "1767300000").mkdir()
    rows = json.loads(run("versions", "--verify", "--json", "--base-path", str(base)).stdout)
    assert [(row["version"], row["state"], row["reason"]) for row in rows] == [
        (1767300000, "incomplete", None),
        (NUMBERS[2], "live", None),
        (NUMBERS[1], "ready", None),
        (NUMBERS[0], "withdrawn", "old"),
    ]
    assert [row["unchanged"] for row in rows] == [None, True, True, True]
    assert rows[1]["accuracy"] == 0.9


def test_a_version_that_was_touched_is_found_out(base: Path, run: Run) -> None:
    (base / str(NUMBERS[1]) / "saved_model.pb").write_bytes(b"other")
    done = run("versions", "--verify", "--base-path", str(base))
    assert done.returncode == 1
    assert "CHANGED" in done.stdout


def _drop(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("saved_model.pb", "incomplete"),
        ("variables/variables.index", "live"),
        ("assets.extra/tf_serving_warmup_requests", "live"),
        ("", "missing"),
    ],
)
def test_whatever_was_lost_of_the_first_version_is_found_out(
    tmp_path: Path, name: str, state: str, run: Run
) -> None:
    model = tmp_path / "model"
    (model / "variables").mkdir(parents=True)
    (model / "saved_model.pb").write_bytes(b"graph")
    (model / "variables/variables.index").write_bytes(b"index")
    digest, base = content_digest(model), tmp_path / "base"
    warm_up = hashlib.sha256(b"requests").hexdigest()
    document = json.dumps({"content_digest": digest, "warm_up_sha256": warm_up}).encode()
    extra = {PROVENANCE: document, WARM_UP: b"requests"}
    version = publish(model, base, extra_files=extra)
    verify = ("versions", "--verify", "--json", "--base-path", str(base))
    assert run(*verify).returncode == 0
    _drop(Path(version.path) / name)
    done = run(*verify)
    [row] = json.loads(done.stdout)
    assert (done.returncode, row["version"], row["state"]) == (1, version.number, state)
    assert row["unchanged"] is False


def test_a_provenance_that_was_made_to_fit_is_found_out(tmp_path: Path, run: Run) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "saved_model.pb").write_bytes(b"graph")
    document = json.dumps({"content_digest": content_digest(model)}).encode()
    version = publish(model, tmp_path / "base", extra_files={PROVENANCE: document})
    folder = Path(version.path)
    (folder / "saved_model.pb").write_bytes(b"other")
    (folder / PROVENANCE).write_text(json.dumps({"content_digest": content_digest(folder)}))
    done = run("versions", "--verify", "--base-path", str(tmp_path / "base"))
    assert (done.returncode, "CHANGED" in done.stdout) == (1, True)


def test_a_version_that_was_pruned_is_not_missing(base: Path, run: Run) -> None:
    run("prune", "--keep", "1", "--base-path", str(base))
    done = run("versions", "--verify", "--json", "--base-path", str(base))
    assert (done.returncode, len(json.loads(done.stdout))) == (0, 1)


def test_a_change_that_has_not_ended_is_told_until_the_next_one(base: Path, run: Run) -> None:
    # As a process leaves it that is killed behind the rename.
    *entries, last = read_ledger(base)
    note = BasePathChange(entry=last, moves=((".staging-1", str(last.version)),))
    (base / BasePathChange.FILE).write_bytes(note.encode())
    lines = (base / LEDGER).read_text().splitlines(keepends=True)
    (base / LEDGER).write_text("".join(lines[:-1]))
    verify = ("versions", "--verify", "--json", "--base-path", str(base))
    done = run(*verify)
    assert done.returncode == 0
    assert {row["unchanged"] for row in json.loads(done.stdout)} == {True}
    assert done.stderr.startswith(
        f"A publish of version {last.version} that began at {last.time} has not ended: "
    )
    run("prune", "--keep", "2", "--base-path", str(base))
    assert run(*verify).stderr == ""
    assert read_ledger(base)[:-1] == [*entries, last]


def test_what_was_being_moved_when_its_process_was_killed_has_not_changed(
    base: Path, run: Run
) -> None:
    # As in an object store, where files go one by one.
    entry = read_ledger(base)[-1].replaced(action="withdraw", version=NUMBERS[0])
    moves = ((str(NUMBERS[0]), f".withdrawn-{NUMBERS[0]}"),)
    (base / BasePathChange.FILE).write_bytes(BasePathChange(entry=entry, moves=moves).encode())
    (base / str(NUMBERS[0]) / "saved_model.pb").unlink()
    (base / str(NUMBERS[1]) / "saved_model.pb").write_bytes(b"other")
    done = run("versions", "--verify", "--json", "--base-path", str(base))
    assert [row["unchanged"] for row in json.loads(done.stdout)] == [True, False, None]
    assert done.stderr.startswith(f"A withdraw of version {NUMBERS[0]} that began at ")


@pytest.mark.parametrize(
    "change",
    [
        lambda base: withdraw(base, NUMBERS[2], reason="old"),
        lambda base: prune(base, 1),
    ],
)
def test_what_is_moved_while_it_is_read_has_not_changed(
    base: Path, run: Run, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object]
) -> None:
    begun: list[str] = []

    def moved(folder: str) -> str:
        if not begun:
            begun.append(folder)
            change(base)
        return content_digest(folder)

    monkeypatch.setattr(versions, "content_digest", moved)
    done = run("versions", "--verify", "--json", "--base-path", str(base))
    assert begun
    assert done.returncode == 0
    assert {row["unchanged"] for row in json.loads(done.stdout)} == {True}


def test_a_refusal_is_one_sentence(base: Path, run: Run) -> None:
    done = run("withdraw", "9", "--reason", "x", "--base-path", str(base))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "holds no version 9" in done.stderr


def test_what_leaves_nothing_live_has_to_be_meant(base: Path, run: Run) -> None:
    run("prune", "--keep", "1", "--base-path", str(base))
    last = ["withdraw", str(NUMBERS[-1]), "--reason", "harmful", "--base-path", str(base)]
    refused = run(*last)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "meant with --leave-nothing" in refused.stderr
    done = run(*last, "--leave-nothing")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"live: version {NUMBERS[-1]} → nothing.\n")
    assert json.loads(run("versions", "--json", "--base-path", str(base)).stdout)[0]["state"] == (
        "withdrawn"
    )


@pytest.mark.parametrize("arguments", [["withdraw", "9"], ["nothing"], [], ["prune"]])
def test_a_mistake_in_the_command_line_is_2(arguments: list[str], run: Run) -> None:
    assert run(*arguments).returncode == 2


@pytest.mark.medium
def test_local_base_paths_need_no_tensorflow(base: Path) -> None:
    script = (
        "import sys; from serving.__main__ import main;"
        "main(['rollback', '--base-path', sys.argv[1]]);"
        "sys.exit('tensorflow' in sys.modules or 'ml_metadata' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script, str(base)], cwd=REPOSITORY, check=True)
