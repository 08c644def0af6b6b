"""The subcommand `schedule` of kubeflow_runner.py: create, list, pause, resume, delete."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Callable, Sequence

from documents.settings.section import short
from documents.shown import shown
from pipeline.kubeflow import submission, submit_command
from pipeline.kubeflow.remote import connection
from pipeline.kubeflow.remote.cron import WhenError, parse_cron, parse_every
from pipeline.kubeflow.remote.error import RemoteError
from pipeline.kubeflow.remote.schedule import Schedule, When
from pipeline.kubeflow.remote.service import Service
from pipeline.kubeflow.status_command import checked

HELP = "run a compiled file again and again: create, list, pause, resume, delete"
EPILOG = """\
examples:
  python kubeflow_runner.py schedule pipeline.yaml --cron '0 3 * * *' --host http://localhost:8888
  python kubeflow_runner.py schedule create pipeline.yaml --every 6h --name six-hourly
  python kubeflow_runner.py schedule list --json
  python kubeflow_runner.py schedule pause six-hourly
  python kubeflow_runner.py schedule delete 0b5c5c2f-…

Each subcommand has its own --help; `schedule FILE` is short for `schedule create FILE`."""
CREATE_EPILOG = """\
A cron has five fields, minute hour day month weekday, in UTC; Kubeflow reads six, with seconds in
front, and they are put there. One run goes at a time unless --max-concurrency says otherwise, and
what a pause made it miss is not run afterwards unless --catch-up says so.

examples:
  python kubeflow_runner.py schedule create pipeline.yaml --cron '0 3 * * mon-fri' --name nightly \\
      --host http://localhost:8888
  python kubeflow_runner.py schedule create pipeline.yaml --every 90m --param epochs=3"""
_VERBS = {
    "pause": ("stop starting runs; what runs now goes on", "Paused"),
    "resume": ("start runs again", "Resumed"),
    "delete": ("remove it; runs that it started stay", "Deleted"),
}
_SUBCOMMANDS = ("create", "list", *_VERBS)


def with_create(arguments: Sequence[str]) -> list[str]:
    """Arguments in which `schedule FILE …` reads `schedule create FILE …`."""
    given = list(arguments)
    if given[:1] == ["schedule"] and given[1:] and given[1] not in (*_SUBCOMMANDS, "-h", "--help"):
        given.insert(1, "create")
    return given


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, text: str, epilog: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=text,
            description=text,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    create = add("create", "validate a compiled file and run it again and again", CREATE_EPILOG)
    submit_command.add_job(create)
    when = create.add_mutually_exclusive_group(required=True)
    when.add_argument("--cron", help="when, in UTC, e.g. '0 3 * * *' or @daily")
    when.add_argument("--every", metavar="INTERVAL", help="e.g. 90m, 6h, 1d")
    create.add_argument(
        "--max-concurrency",
        type=int,
        choices=range(1, 11),
        default=1,
        metavar="N",
        help="runs at a time, 1-10 (default: 1)",
    )
    create.add_argument(
        "--catch-up", action="store_true", help="run what a pause made it miss, each one"
    )
    connection.add_arguments(create)
    create.set_defaults(run=_create)
    shown_all = add(
        "list",
        "list the schedules, the newest first",
        "example:\n  python kubeflow_runner.py schedule list --host http://localhost:8888",
    )
    shown_all.add_argument("--json", action="store_true", help="print them as JSON")
    connection.add_arguments(shown_all)
    shown_all.set_defaults(run=checked(_list))
    for verb, (text, _) in _VERBS.items():
        changed = add(
            verb,
            text,
            f"example:\n  python kubeflow_runner.py schedule {verb} nightly --host "
            "http://localhost:8888",
        )
        changed.add_argument("wanted", metavar="SCHEDULE", help="id or name")
        connection.add_arguments(changed)
        changed.set_defaults(run=checked(_changer(verb)))


def _create(options: argparse.Namespace) -> int:
    """0 made, 1 refused by the checks or the server, 2 a mistake in the command line."""
    said = sys.stderr if options.json else sys.stdout
    try:
        when = When(
            cron=parse_cron(options.cron) if options.cron is not None else None,
            every=parse_every(options.every) if options.every is not None else None,
            max_concurrency=options.max_concurrency,
            catch_up=options.catch_up,
        )
        job = submit_command.read_job(options)
        if job is None:
            return 1
        made = connection.connect(options).schedule(job, when)
    except (connection.UsageError, WhenError, submission.SubmissionError) as error:
        print(error, file=sys.stderr)
        return 2
    except RemoteError as error:
        print(error, file=sys.stderr)
        return 1
    root = submit_command.where(job, options)
    print(f"Scheduled as {made.id}, at {when.text}; artifacts below {root}", file=said)
    if when.cron:
        first = when.cron.next(datetime.datetime.now(datetime.timezone.utc))
        print(f"The next run begins at {first:%Y-%m-%d %H:%M:%S} UTC", file=said)
    if options.json:
        print(json.dumps(made.as_json(), indent=1))
    return 0


def _list(service: Service, options: argparse.Namespace) -> int:
    found = service.schedules()
    if options.json:
        print(json.dumps([schedule.as_json() for schedule in found], indent=1))
        return 0
    for schedule in found:
        state = "active" if schedule.active else "paused"
        said = f"  {shown(schedule.error)}" if schedule.error else ""
        print(
            f"{state}  {shown(schedule.id)}  {shown(schedule.name)}  {shown(schedule.when)}, at "
            f"most {schedule.max_concurrency} at a time{said}"
        )
    if not found:
        print("There is no schedule yet; make one with `kubeflow_runner.py schedule create`.")
    return 0


def _changer(verb: str) -> Callable[[Service, argparse.Namespace], int]:
    def change(service: Service, options: argparse.Namespace) -> int:
        schedule = _find(service.schedules(), options.wanted)
        if verb != "delete" and schedule.active == (verb == "resume"):
            print(f"{shown(schedule.name)} ({shown(schedule.id)}) is {verb}d already")
            return 0
        getattr(service, verb)(schedule)
        print(f"{_VERBS[verb][1]} {shown(schedule.name)} ({shown(schedule.id)})")
        return 0

    return change


def _find(schedules: Sequence[Schedule], wanted: str) -> Schedule:
    """The one with this id, or the only one with this name.

    Raises:
      RemoteError: there is none, or there are several.
    """
    for schedule in schedules:
        if schedule.id == wanted:
            return schedule
    named = [schedule for schedule in schedules if schedule.name == wanted]
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(shown(schedule.id) for schedule in named[:5])
        raise RemoteError(f"{len(named)} schedules are named {short(wanted)!r}; give an id: {ids}.")
    names = ", ".join(dict.fromkeys(short(schedule.name) for schedule in schedules[:10]))
    raise RemoteError(
        f"There is no schedule with id or name {short(wanted)!r}; there "
        f"{'are' if names else 'is'}: {names or 'none'}."
    )
