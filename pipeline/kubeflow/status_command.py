"""The subcommands `status`, `logs` and `runs` of kubeflow_runner.py, and `submit --watch`."""

from __future__ import annotations

import argparse
import difflib
import json
import shlex
import sys
import time
from collections.abc import Callable

from documents.settings.section import short
from documents.shown import shown
from documents.terminal.console import INTERRUPTED, reader_has_gone
from pipeline.kubeflow.remote import connection
from pipeline.kubeflow.remote.display import Display
from pipeline.kubeflow.remote.error import RemoteError
from pipeline.kubeflow.remote.run import NODE_ENDED, Node, Run
from pipeline.kubeflow.remote.service import Service
from pipeline.kubeflow.remote.verdict import EXIT_CODES, STILL_RUNNING, Verdict, judge
from pipeline.kubeflow.remote.watch import watch

STATUS_HELP = "show a run node by node; --watch follows it to its verdict"
STATUS_EPILOG = f"""\
examples:
  python kubeflow_runner.py status 6f1c2f7e-… --host http://localhost:8888
  python kubeflow_runner.py status nightly --watch --timeout 7200
  python kubeflow_runner.py status nightly --json

Without --watch the exit code is 0 whenever the run could be read. With it:

{EXIT_CODES}"""
LOGS_HELP = "print what a node of a run has written"
LOGS_EPILOG = """\
examples:
  python kubeflow_runner.py logs 6f1c2f7e-… Trainer --host http://localhost:8888
  python kubeflow_runner.py logs nightly Pusher --follow

exit codes:
  0  the log was printed
  1  there is none, or the server refuses or cannot be reached
  2  a mistake in the command line"""
RUNS_HELP = "list the newest runs"
RUNS_EPILOG = """\
example:
  python kubeflow_runner.py runs --host http://localhost:8888 --limit 5"""
Command = Callable[[Service, argparse.Namespace], int]
_KEPT = ("target", "host", "namespace", "project", "region", "token_file", "iap_client_id")
"""Options that a command to go on with repeats; none of them is a secret."""


def add_watch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--watch", action="store_true", help="follow the run, and end with its verdict"
    )
    parser.add_argument(
        "--timeout",
        type=connection.seconds,
        metavar="SECONDS",
        help="stop watching after so long, with exit code 4; the run goes on",
    )
    parser.add_argument(
        "--poll",
        type=connection.seconds,
        default=5.0,
        metavar="SECONDS",
        help="between two questions to the server (default: 5)",
    )


def add_status(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("wanted", metavar="RUN", help="id, or name: then the newest of it")
    parser.add_argument("--json", action="store_true", help="print the run as JSON")
    add_watch(parser)
    connection.add_arguments(parser)
    parser.set_defaults(run=checked(_status))


def add_logs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("wanted", metavar="RUN", help="id, or name: then the newest of it")
    parser.add_argument("node", metavar="NODE", help="as `status` names it, e.g. Trainer")
    parser.add_argument(
        "--follow", action="store_true", help="go on until the node ends, asking every --poll"
    )
    parser.add_argument(
        "--poll", type=connection.seconds, default=5.0, metavar="SECONDS", help="default: 5"
    )
    connection.add_arguments(parser)
    parser.set_defaults(run=checked(_logs))


def add_runs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--limit", type=_count, default=20, metavar="N", help="at most so many (default: 20)"
    )
    parser.add_argument("--json", action="store_true", help="print them as JSON")
    connection.add_arguments(parser)
    parser.set_defaults(run=checked(_runs))


def follow(service: Service, run_id: str, options: argparse.Namespace) -> int:
    """Shows the run until it is over, then its verdict; the exit code is the verdict's."""
    display = Display(sys.stderr if options.json else sys.stdout)
    again = "go on with `" + _command("status", run_id, "--watch", options=options) + "`"
    try:
        run = watch(
            lambda: service.run(run_id), display, poll=options.poll, timeout=options.timeout
        )
        if run.over:
            verdict = judge(service, run)
        else:
            said = f"{short(run.id)} is {run.state} after {options.timeout:g} s; {again}."
            verdict = Verdict(STILL_RUNNING, "running", said)
    except KeyboardInterrupt:
        display.close()
        print(f"\nThe run goes on; {again}.", file=sys.stderr)
        return INTERRUPTED
    except RemoteError as error:
        display.close()
        print(f"{error}\nThe run may go on; {again}.", file=sys.stderr)
        return 1
    display.close()
    display.verdict(run, verdict)
    if verdict.node and not options.json:
        print(f"  {_command('logs', run_id, verdict.node, options=options)}")
    if options.json:
        print(json.dumps({**run.as_json(), "verdict": verdict.as_json()}, indent=1))
    return verdict.code


def _status(service: Service, options: argparse.Namespace) -> int:
    run = service.run(options.wanted)
    if options.watch:
        return follow(service, run.id, options)
    verdict = judge(service, run) if run.over else None
    if options.json:
        said = verdict.as_json() if verdict else None
        print(json.dumps({**run.as_json(), "verdict": said}, indent=1))
        return 0
    print(f"{shown(run.name)}  {shown(run.id)}")
    display = Display(sys.stdout)
    display.table(run)
    times = [f"begun {run.created:%Y-%m-%d %H:%M:%S} UTC"] if run.created else []
    times += [f"ended {run.ended:%Y-%m-%d %H:%M:%S} UTC"] if run.ended and run.over else []
    print(", ".join([run.state, *times]))
    if run.root:
        print(f"artifacts below {shown(run.root)}")
    if run.page:
        print(run.page)
    sys.stdout.flush()
    if verdict:
        display.verdict(run, verdict)
    return 0


def _logs(service: Service, options: argparse.Namespace) -> int:
    printed, missed = 0, 0
    while True:
        run = service.run(options.wanted)
        node = _node(run, options.node)
        over = run.over or node.state in NODE_ENDED
        if node.state == "cached":
            raise RemoteError(f"{node.name} was cached, so it wrote nothing in this run.")
        if node.state in ("waiting", "skipped") and (over or not options.follow):
            raise RemoteError(f"{node.name} is {node.state}, so it has written nothing.")
        if node.attempts > 1 and not printed:
            print(f"attempt {node.attempts}:", file=sys.stderr)
        try:
            if node.state not in ("waiting", "skipped"):
                printed = _print_from(service, run, node.name, printed)
                missed = 0
        except RemoteError:
            missed += 1
            # A pod takes a while to be there; one that was deleted never is again.
            if not options.follow or over or missed * options.poll > 600:
                raise
        if not options.follow or over or reader_has_gone():
            return 0
        sys.stdout.flush()
        time.sleep(options.poll)


def _print_from(service: Service, run: Run, name: str, printed: int) -> int:
    """Prints the lines after the first `printed`: the API tells a log from its beginning only."""
    node = run.node(name)
    assert node
    number = 0
    for number, line in enumerate(service.log(run, node), start=1):
        if number > printed:
            print(shown(line.replace("\r", "\n").rstrip("\n").rpartition("\n")[2]))
    return max(printed, number)


def _runs(service: Service, options: argparse.Namespace) -> int:
    found = service.runs(options.limit)
    if options.json:
        print(json.dumps([run.as_json() for run in found], indent=1))
        return 0
    for run in found:
        begun = f"{run.created:%Y-%m-%d %H:%M:%S}" if run.created else " " * 19
        print(f"{begun}  {run.state:<10} {shown(run.id)}  {shown(run.name)}")
    if not found:
        print("There is no run yet.")
    return 0


def _node(run: Run, wanted: str) -> Node:
    node = run.node(wanted)
    if node:
        return node
    names = [node.name for node in run.nodes]
    close = difflib.get_close_matches(wanted, names, n=1)
    known = (
        f"did you mean {close[0]}?" if close else f"its nodes: {', '.join(names) or 'none yet'}."
    )
    raise RemoteError(f"The run has no node {short(wanted)!r}; {known}")


def _command(name: str, *arguments: str, options: argparse.Namespace) -> str:
    """A command to go on with, with the same server and login, but without secrets."""
    given = []
    for option in _KEPT:
        value = getattr(options, option, None)
        if value and value != "oss":
            given += [f"--{option.replace('_', '-')}", str(value)]
    return shlex.join(["python", "kubeflow_runner.py", name, *arguments, *given])


def checked(act: Command) -> Callable[[argparse.Namespace], int]:
    """`act` with a service; refusals become sentences and exit codes."""

    def run(options: argparse.Namespace) -> int:
        try:
            return act(connection.connect(options), options)
        except connection.UsageError as error:
            print(error, file=sys.stderr)
            return 2
        except RemoteError as error:
            print(error, file=sys.stderr)
            return 1

    return run


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 10_000):
        raise argparse.ArgumentTypeError(f"{short(text)!r} must be a number from 1 to 10000")
    return int(text)
