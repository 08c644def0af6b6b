"""The options of each command. Nothing here takes long to import: `--help` is asked often."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable, Sequence
from pathlib import Path

from documents.terminal.command_line import CommandLine
from documents.terminal.option_types import amount_option, count_option, place_option, port_option
from documents.workspace import Workspace as Layout
from inspection.commands.calls import epilog
from inspection.evidence.metrics import TOLERANCE
from inspection.files.bucket import root_problem
from inspection.questions.browse import KINDS
from inspection.questions.runs.filter import ORDERS
from serving.clients.url_options import url_option

Act = Callable[[argparse.Namespace], int]
"""Does what options say, and returns the exit code."""
_Add = Callable[[str, str, str], argparse.ArgumentParser]
"""Adds a command: its name, the function of `inspection.commands`, and what it tells."""

STORE = str(Layout(Path("workspace")).metadata)
HOST = "127.0.0.1"
PORT = 8700


def _root_option(text: str) -> str:
    """A folder, or an address in a bucket."""
    if problem := root_problem(place_option(text)):
        raise argparse.ArgumentTypeError(problem)
    return text


DESCRIPTION = """\
Answers questions about an ML Metadata store, of this pipeline or any other: the answer first, the
evidence below it. Never writes to the store; notes and tags are kept in a file beside it.

A RUN, STEP, ARTIFACT or MODEL is named by its short id (r2, s7, a12), by the name of a run or a
part of it, `latest` or `latest~1`, a node (its last step), or the number of a pushed version."""

EPILOG = """\
exit codes:
  0  answered
  1  no answer: no store, nothing of that name, a run that failed, a model that cannot be rebuilt
  2  a mistake in the command line
  3  `why`: the model was refused, or pushed and rolled back or withdrawn; `variants`: one of them
     is not as good as the model, or their version was withdrawn

examples:
  python -m inspection runs
  python -m inspection why latest
  python -m inspection why Trainer                 why did it run again?
  python -m inspection diff r1 r2
  python -m inspection compare latest latest~1 r2
  python -m inspection runs --where training.seed=1 --order SparseCategoricalAccuracy
  python -m inspection serving --at "2h ago"
  python -m inspection lineage ExampleGen --down
  python -m inspection runs --store copy/metadata.db --json
  python -m inspection report latest --html report.html
  python -m inspection web --open"""


# A hundredth of a second each time, and who uses this as a library asks many times.
@functools.cache
def parser(answer: Act, explore: Act) -> argparse.ArgumentParser:
    """The whole command line.

    Args:
      answer: gives the reply of a command, which is `command` of the options.
      explore: serves the explorer.
    """
    whole = CommandLine(
        prog="python -m inspection",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = whole.add_subparsers(metavar="COMMAND", required=True)

    def add_bare(name: str, text: str) -> argparse.ArgumentParser:
        found = subparsers.add_parser(
            name,
            help=text,
            description=text,
            epilog=epilog(name),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        _add_places(found)
        return found

    def add(name: str, command: str, text: str) -> argparse.ArgumentParser:
        found = add_bare(name, text)
        found.set_defaults(act=answer, command=command)
        found.add_argument("--json", action="store_true", help="print one JSON object")
        return found

    _add_listing(add)
    _add_one(add)
    _add_comparing(add)
    _add_taking(add)
    web = add_bare("web", "all of it as web pages, at this machine only unless told otherwise")
    web.set_defaults(act=explore)
    web.add_argument("--host", default=HOST, help=f"address to listen on (default: {HOST})")
    web.add_argument("--port", type=port_option, default=PORT, help=f"0 for any (default: {PORT})")
    web.add_argument("--open", action="store_true", help="open a browser")
    web.add_argument("--url", type=url_option, help="of a model server to hold against the ledger")
    web.add_argument("--tensorboard", metavar="URL", help="of a TensorBoard to link to")
    return whole


def _add_places(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--store",
        type=place_option,
        default=STORE,
        help="SQLite file or its folder, mysql://USER:PASSWORD@HOST/DB, postgresql://…, or "
        "grpc://HOST:PORT (default: workspace/metadata.db)",
    )
    command.add_argument(
        "--base-path",
        type=place_option,
        metavar="FOLDER",
        help="of the versions (default: those in ROOT/serving, and where the store says it "
        "was pushed to)",
    )
    command.add_argument(
        "--root",
        type=_root_option,
        metavar="FOLDER",
        help="whose files may be read, or gs://BUCKET/… of artifacts there (default: the "
        "store's folder, and where its runs put artifacts)",
    )


def _add_listing(add: _Add) -> None:
    """What there is, and notes on it."""
    listing = add("runs", "records.runs", "which runs there were, and how they ended")
    listing.add_argument(
        "--last", type=count_option, default=20, metavar="N", help="only the last N (default: 20)"
    )
    listing.add_argument("--pipeline", help="only of this one")
    listing.add_argument(
        "--fate", help="only those that came out so: live, refused, failed, killed, rolled_back, …"
    )
    listing.add_argument("--since", metavar="TIME", help="only those started since: 7d, 2026-11-23")
    listing.add_argument("--state", help="only those in it: complete, failed, killed, running, …")
    listing.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="WHAT=VALUE",
        help="only those with this setting or metric, as `training.seed=1` or "
        "`SparseCategoricalAccuracy>0.85`: = != < <= > >=, ~ for a part of it; all that are given",
    )
    listing.add_argument(
        "--order",
        default=ORDERS[0],
        metavar="ORDER",
        help=f"{', '.join(ORDERS)}, or a setting or metric, the largest first; with - before it "
        "the smallest (default: newest)",
    )
    listing.add_argument("--tag", help="only those that somebody tagged so")
    listing.add_argument("--page", type=count_option, default=1, metavar="N", help="of LAST each")
    listing.add_argument("--all", action="store_true", help="all of them")
    noting = add(
        "note", "notes.note", "say something about a run or model; without TEXT, what was said"
    )
    noting.add_argument("id", metavar="RUN|MODEL")
    noting.add_argument("text", metavar="TEXT", nargs="?")
    tagging = add("tag", "notes.tag", "put a tag on a run or model, to find it again")
    tagging.add_argument("id", metavar="RUN|MODEL")
    tagging.add_argument("tag", metavar="TAG")
    tagging.add_argument("--remove", action="store_true", help="take it off")
    browsing = add("list", "records.browsing", "everything of a kind, in a run or not")
    browsing.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    browsing.add_argument("--type", help="only of this one")
    browsing.add_argument(
        "--last", type=count_option, default=50, metavar="N", help="only the last N (default: 50)"
    )
    add("show", "records.show", "one run, step or artifact").add_argument("id", metavar="ID")


def _add_one(add: _Add) -> None:
    """What became of one thing, and what it was made from."""
    add(
        "why", "models.why", "why a model was refused or pushed, a step (not) cached, a run failed"
    ).add_argument("id", metavar="RUN|STEP|MODEL")
    tracing = add("lineage", "records.trace", "what something was made from, and what came of it")
    tracing.add_argument("id", metavar="ID")
    reach = tracing.add_mutually_exclusive_group()
    reach.add_argument("--up", action="store_true", help="only what it was made from")
    reach.add_argument("--down", action="store_true", help="only what came of it")
    drawing = tracing.add_mutually_exclusive_group()
    drawing.add_argument("--mermaid", action="store_true", help="as a Mermaid flowchart")
    drawing.add_argument("--dot", action="store_true", help="as a Graphviz digraph")
    add(
        "origin", "models.origin", "which data, code and Hub module a model was made from"
    ).add_argument("id", metavar="MODEL")
    looking = add(
        "examples", "examples.examples", "what a model answered worst, or rows of the data"
    )
    looking.add_argument("id", metavar="MODEL|RUN|EXAMPLES")
    looking.add_argument(
        "--slice", default="", metavar="FEATURE=VALUE", help="only these, e.g. label=6"
    )
    looking.add_argument("--split", help="of an artifact of examples (default: eval)")
    looking.add_argument(
        "--last", type=count_option, default=20, metavar="N", help="at most N (default: 20)"
    )


def _add_comparing(add: _Add) -> None:
    """What differs among runs, models and times."""
    holding = add(
        "compare", "models.compare", "what differs among runs, or how good two models are"
    )
    holding.add_argument("names", metavar="RUN", nargs="+", help="two or more; or two MODELs")
    holding.add_argument(
        "--without-refused", action="store_true", help="leave out runs whose model was refused"
    )
    holding.add_argument(
        "--tolerance",
        type=amount_option,
        default=TOLERANCE,
        help=f"of two models: how much worse each metric may be (default: {TOLERANCE})",
    )
    comparing = add("diff", "records.diff", "what changed between two runs")
    comparing.add_argument("before", metavar="RUN")
    comparing.add_argument("now", metavar="RUN")
    served = add("serving", "serving.served", "what is live, since when, and what was before")
    served.add_argument("--at", metavar="TIME", help='"2026-11-23 09:00" (UTC), or "2h ago"')
    served.add_argument(
        "--url", type=url_option, help="also ask this model server, and warn when it disagrees"
    )
    drift = add("drift", "drift.drifting", "a metric over all evaluations")
    drift.add_argument("metric", metavar="METRIC", help="e.g. SparseCategoricalAccuracy")
    drift.add_argument("--slice", help="only this one, e.g. label=6")
    add("variants", "models.variants", "whether a model's variants are as good").add_argument(
        "id", metavar="RUN", nargs="?", help="whose (default: those that were made last)"
    )
    add("tuning", "models.tuning", "what a search for settings found").add_argument(
        "id", metavar="RUN", nargs="?", help="which (default: the last one)"
    )


def _add_taking(add: _Add) -> None:
    """What can be made again, deleted, and taken along."""
    rebuilding = add("rebuild", "models.rebuild", "what it takes to make a model again")
    rebuilding.add_argument("id", metavar="MODEL")
    rebuilding.add_argument(
        "--settings", metavar="FILE", help="write all settings of its run to this file"
    )
    collecting = add("gc", "serving.collect", "what can be deleted safely")
    collecting.add_argument(
        "--dry-run", action="store_true", help="required: nothing is deleted here"
    )
    collecting.add_argument(
        "--older-than",
        metavar="AGE",
        help="only what was made, and last read, longer ago: 30d, 12h",
    )
    reporting = add("report", "report.report", "a run on one page, to be mailed or kept")
    reporting.add_argument("id", metavar="RUN")
    form = reporting.add_mutually_exclusive_group(required=True)
    form.add_argument("--html", metavar="FILE", help="where to write it")
    form.add_argument(
        "--markdown", action="store_true", help="print it, as for the comment on a pull request"
    )
    add("export", "records.export", "the whole store, with --json")


def with_orders(arguments: Sequence[str]) -> list[str]:
    """`--order -loss` as it is meant: argparse takes what begins so for another option."""
    found: list[str] = []
    for each in arguments:
        if found and found[-1] == "--order" and each[:1] == "-" and each[1:2] not in ("", "-"):
            found[-1] = f"--order={each}"
        else:
            found.append(each)
    return found
