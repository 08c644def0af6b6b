"""Runs the pipeline on this machine."""

from __future__ import annotations

import signal

# Until there is something to write down, Ctrl-C just ends the process, without a trace.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from documents.environment.search_path import put_pythonpath_last

put_pythonpath_last()

import argparse
import sys

from documents.environment.libraries import choose_libraries

choose_libraries()

from documents.terminal.command_line import CommandLine
from documents.terminal.console import program
from documents.terminal.short_path import short_path
from pipeline.local.options import Options
from pipeline.local.run import run
from pipeline.run_arguments import add_config, add_overrides
from pipeline.settings import REPOSITORY

MOST_JOBS = 64
DESCRIPTION = """\
Runs the pipeline on this machine: from examples to a model in a TF Serving base path, with the
evidence for every decision in an ML Metadata store. Steps that did not change are cache hits, so
the same command resumes a failed run."""

EXIT_CODES = """\
exit codes:
  0  a model was pushed, or the same one already is live
  1  an error
  2  a mistake in the command line or the settings
  3  the run finished and the model was refused; the last line says why

examples:
  python local_runner.py
  python local_runner.py init --help      # settings for your own images or table
  python local_runner.py tune --help      # a search for better settings
  python local_runner.py --config configs/quick.yaml --root /tmp/quick
  python local_runner.py --set training.epochs=10 --set hub.trainable=false
  python local_runner.py --to Trainer"""


def _jobs(text: str) -> int | None:
    if text == "auto":
        return None
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text[:9]) <= MOST_JOBS:
        raise argparse.ArgumentTypeError(f"{text!r}: auto, or a whole number from 1 to {MOST_JOBS}")
    return int(text)


@program
def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["init"]:
        from pipeline.init.command import main as init

        return init(given[1:])
    if given[:1] == ["tune"]:
        from pipeline.local.tune_command import main as tune

        return tune(given[1:])
    parser = CommandLine(
        prog="local_runner.py",
        description=DESCRIPTION,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.words = ("init", "tune")
    add_config(parser, "settings, a YAML file (default: configs/fashion_mnist.yaml)")
    parser.add_argument(
        "--root",
        default=REPOSITORY / "workspace",
        help="folder for metadata.db, artifacts/, serving/, logs/ (default: workspace/)",
    )
    add_overrides(parser)
    parser.add_argument("--from", dest="from_node", metavar="NODE", help="first node to run")
    parser.add_argument("--to", dest="to_node", metavar="NODE", help="last node to run")
    parser.add_argument(
        "--no-cache", dest="cache", action="store_false", help="run every node, changed or not"
    )
    parser.add_argument(
        "--jobs",
        type=_jobs,
        default=1,
        metavar="N",
        help="nodes that run at the same time, each in a process of its own (default: 1); auto: as"
        " many as there are processors, and 2 GiB of free memory for each",
    )
    parser.add_argument(
        "--json", action="store_true", help="print the summary as JSON; progress goes to stderr"
    )
    options = parser.parse_args(arguments)
    command = [
        short_path(sys.executable),
        sys.argv[0],
        *given,
    ]
    return run(Options(**vars(options), command=command))


if __name__ == "__main__":
    sys.exit(main())
