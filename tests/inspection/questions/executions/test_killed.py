"""A run that was killed is called so everywhere, with its node and what goes on with it."""

from __future__ import annotations

import fcntl
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from documents.run_record import RunRecord
from documents.workspace import Workspace as Places
from inspection.__main__ import main
from inspection.files.workspace import Workspace
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source
from tests.inspection.store_writer import Out, StoreWriter

COMMAND = ("python", "local_runner.py", "--config", "my.yaml", "--set", "training.epochs=9")
RESUME = "cd /where/it/ran && python local_runner.py --config my.yaml --set training.epochs=9"


@pytest.fixture
def store(memory_path: Path) -> StoreWriter:
    store = StoreWriter(memory_path / "root")
    Places(store.root).lock.touch()
    return store


def record_run(store: StoreWriter, name: str = "0", last: str = "running", **record: Any) -> None:
    """Two nodes; `last` is the state of the second one."""
    found = RunRecord(command=COMMAND, folder="/where/it/ran", **record)
    store.context("pipeline_run", name, **found.as_properties())
    run = store.run("mine", name)
    made = run.node("ExampleGen", {}, {"examples": Out("Examples")})
    run.node("Trainer", {"examples": made["examples"]}, {}, state=last)


def ask(store: StoreWriter, capsys: Any, *arguments: str) -> tuple[int, str]:
    code = main([*arguments, "--store", str(store.root)])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def test_in_a_node(store, capsys):
    record_run(store)
    assert (
        "the last one, 0, was killed: the run was killed in Trainer (s2)."
        in ask(store, capsys, "runs")[1]
    )
    code, said = ask(store, capsys, "why", "latest")
    assert code == 1
    assert said.startswith("Run 0 was killed in Trainer (s2).\n")
    assert f"go on with: {RESUME}\n" in said
    for command in ("why Trainer", "show latest", "show s2", "export --json"):
        said = ask(store, capsys, *command.split())[1]
        assert "killed" in said
        assert "running" not in said
    client = Client(
        App(Source(lambda: open_history(store.root), Workspace(store.root)), ["localhost"])
    )
    run = next(iter(open_history(store.root).runs))
    for page in ("/", f"/runs/r{run}", "/steps/s2", f"/runs/r{run}/report"):
        text = client.get(page).text
        assert "killed" in text, page
        assert ">running<" not in re.sub("<option.*?</option>", "", text), page
    assert "--set training.epochs=9" in client.get("/steps/s2").text


def test_between_two_nodes(store, capsys):
    record_run(store, last="complete")
    assert "was killed: the run was killed after Trainer (s2)." in ask(store, capsys, "runs")[1]
    assert "was killed after Trainer (s2)." in ask(store, capsys, "why", "latest")[1]


def test_a_run_that_ended_was_not_killed(store, capsys):
    record_run(store, last="complete", outcome="unfinished")
    assert "killed" not in ask(store, capsys, "runs")[1]


def test_one_that_the_next_run_found_stays_killed(store, capsys):
    record_run(store, last="running")
    [execution] = store.client.get_executions_by_id([2])
    execution.last_known_state = 4
    execution.custom_properties["__killed__"].int_value = 1
    store.client.put_executions([execution])
    record_run(store, "1", last="complete", outcome="unfinished")
    rows = ask(store, capsys, "runs")[1].splitlines()
    assert " killed " in rows[-1]
    assert "killed in Trainer (s2)" in ask(store, capsys, "why", "0")[1]


def test_why_it_failed_is_in_the_store_where_the_log_is_not(store, capsys):
    record_run(store, last="failed", outcome="failed", reason="Trainer: no space left")
    said = ask(store, capsys, "why", "latest")[1]
    assert said.startswith("Trainer (s2) failed in run 0: Trainer: no space left\n")
    assert f"go on with: {RESUME}\n" in said


def test_the_one_that_holds_the_lock_is_running(store, capsys):
    record_run(store)
    record_run(store, "1")
    descriptor = os.open(Places(store.root).lock, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        said = json.loads(ask(store, capsys, "runs", "--json")[1])
    finally:
        os.close(descriptor)
    assert said["answer"] == "2 runs; 1 is running."
    assert [line["state"] for line in said["lines"]] == ["running", "killed"]


@pytest.mark.parametrize("elsewhere", ["another machine", "no lock"])
def test_a_process_that_cannot_be_asked_is_not_dead(store, capsys, elsewhere):
    record_run(store)
    if elsewhere == "no lock":
        Places(store.root).lock.unlink()  # as in a copy, or of another runner
    else:
        Places(store.root).pid.write_text("1\nanother-machine\nanother-start\n")
    said = ask(store, capsys, "runs")[1]
    assert said.startswith("1 run; 0 is running")
    assert "killed" not in said
