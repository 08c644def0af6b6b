"""Schedules, against a local server that speaks the API of Kubeflow Pipelines."""

from __future__ import annotations

import json

import pytest

import kubeflow_runner


@pytest.fixture
def run(server):
    def execute(*arguments: object) -> int:
        return kubeflow_runner.main(["schedule", *map(str, arguments), "--host", server.host])

    return execute


def known(schedule_id: str, name: str, status: str = "ENABLED") -> dict:
    return {
        "recurring_run_id": schedule_id,
        "display_name": name,
        "status": status,
        "max_concurrency": "1",
        "no_catchup": True,
        "created_at": "2026-10-05T08:00:00Z",
        "trigger": {"cron_schedule": {"cron": "0 0 3 * * *"}},
    }


def test_a_schedule_reads_the_cron_as_cron_does(run, file, server, capsys):
    assert run(file, "--cron", "0 3 * * *") == 0
    said = capsys.readouterr().out
    assert "Scheduled as s1, at `0 0 3 * * *` (seconds first, UTC)" in said
    assert "artifacts below gs://bucket/root (the file's)" in said
    assert "The next run begins at 20" in said
    assert "03:00:00 UTC" in said
    sent = server.received["recurringruns"]
    assert sent["trigger"] == {"cron_schedule": {"cron": "0 0 3 * * *"}}
    assert sent["runtime_config"]["pipeline_root"] == "gs://bucket/root"
    assert sent["mode"] == "ENABLE"
    assert sent["max_concurrency"] == "1"
    assert sent["no_catchup"] is True
    assert sent["display_name"] == "tiny"
    assert sent["experiment_id"] == "e1"


def test_an_interval_overlap_and_catching_up_can_be_asked_for(run, file, server, capsys):
    given = ("--every", "90m", "--max-concurrency", "3", "--catch-up", "--name", "often")
    assert run("create", file, *given, "--json") == 0
    sent = server.received["recurringruns"]
    assert sent["trigger"] == {"periodic_schedule": {"interval_second": "5400"}}
    assert sent["max_concurrency"] == "3"
    assert sent["no_catchup"] is False
    said = json.loads(capsys.readouterr().out)
    assert said["id"] == "s1"
    assert said["active"] is True
    assert said["when"] == "every 5400 s"
    assert said["catch_up"] is True
    assert said["pipeline_root"] == "gs://bucket/root"


def test_all_pages_are_listed(run, server, capsys):
    server.schedules = [known(f"s{n}", f"nightly-{n}") for n in range(5)]
    server.schedules[3]["status"] = "DISABLED"
    assert run("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert lines[0] == "active  s0  nightly-0  cron 0 0 3 * * *, at most 1 at a time"
    assert lines[3].startswith("paused  s3")
    assert run("list", "--json") == 0
    assert [s["id"] for s in json.loads(capsys.readouterr().out)] == ["s0", "s1", "s2", "s3", "s4"]


def test_without_any_it_says_so(run, capsys):
    assert run("list") == 0
    assert "no schedule yet" in capsys.readouterr().out


def test_one_is_paused_resumed_and_deleted_by_name_or_id(run, server, capsys):
    server.schedules = [known("s1", "nightly"), known("s2", "weekly")]
    assert run("pause", "nightly") == 0
    assert capsys.readouterr().out == "Paused nightly (s1)\n"
    assert [s["status"] for s in server.schedules] == ["DISABLED", "ENABLED"]
    assert run("pause", "s1") == 0
    assert "is paused already" in capsys.readouterr().out
    assert run("resume", "s1") == 0
    assert server.schedules[0]["status"] == "ENABLED"
    assert run("delete", "weekly") == 0
    assert [s["recurring_run_id"] for s in server.schedules] == ["s1"]


def test_a_missing_or_ambiguous_one_is_a_sentence_and_nothing_is_changed(run, server, capsys):
    server.schedules = [known("s1", "nightly"), known("s2", "nightly"), known("s3", "\x1b[31mx")]
    assert run("delete", "nightly") == 1
    assert "2 schedules are named 'nightly'; give an id: s1, s2." in capsys.readouterr().err
    assert run("delete", "daily") == 1
    said = capsys.readouterr().err
    assert "no schedule with id or name 'daily'; there are: nightly, \\x1b[31mx." in said
    assert len(server.schedules) == 3


@pytest.mark.medium
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--cron", "daily"), "five fields"),
        (("--cron", "* * * *"), "five fields"),
        (("--cron", "61 3 * * *"), "'61' is no minute; it is 0-59"),
        (("--cron", "0 3 * * 7"), "'7' is no day of week; it is 0-6"),
        (("--cron", "0 0 30 2 *"), "a day that never comes"),
        (("--cron", "@every 5m"), "--every"),
        (("--every", "often"), "at least a minute"),
        (("--every", "30"), "at least a minute"),
        (("--cron", "0 3 * * *", "--param", "data"), "NAME=VALUE"),
    ],
)
def test_wrong_arguments_are_not_sent(run, file, server, capsys, arguments, said):
    assert run("create", file, *arguments) == 2
    assert said in capsys.readouterr().err
    assert server.requests == []


def test_help_teaches(capsys):
    for command in ("create", "list", "pause", "resume", "delete"):
        with pytest.raises(SystemExit) as ended:
            kubeflow_runner.main(["schedule", command, "--help"])
        assert ended.value.code == 0
        assert f"kubeflow_runner.py schedule {command}" in capsys.readouterr().out
