"""`python -m serving COMMAND`: looks after a base path and the model servers on it."""

from __future__ import annotations

import signal

# Until there is something to clean up, Ctrl-C just ends the process, without a trace.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from documents.environment.search_path import put_pythonpath_last

put_pythonpath_last()

import argparse
import importlib
import logging
import pkgutil
import sys
from collections.abc import Sequence

from documents.terminal.command_line import CommandLine
from documents.terminal.console import ending_at_ctrl_c, program
from serving import commands
from serving.commands import _default
from serving.commands._usage import UsageError

DESCRIPTION = """\
Looks after a base path, the folder of versions that model servers watch: says what is live, takes
a bad version back, serves the live one, and asks it."""

EPILOG = """\
exit codes:
  0  done
  1  an error, or a change that was refused; one sentence says why
  2  a mistake in the command line

a bad model is live?
  python -m serving versions                      what is there, what is live, how accurate
  python -m serving rollback --dry-run            what would be live instead
  python -m serving rollback --reason "wrong since Monday"
  python -m serving restore VERSION               when it was not the model's fault

`python -m serving COMMAND --help` has examples of each."""


@program
def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    names = sorted(found.name for found in pkgutil.iter_modules(commands.__path__))
    names = [name for name in names if not name.startswith("_")]
    parser = CommandLine(
        prog="python -m serving",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    # A command's imports cost time that only those who chose it should pay.
    chosen = [name for name in names if given[:1] == [name]] or names
    with ending_at_ctrl_c():
        modules = {name: importlib.import_module(f"serving.commands.{name}") for name in chosen}
    for name, module in modules.items():
        subparser = subparsers.add_parser(
            name,
            help=module.HELP.splitlines()[0],
            description=module.HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(subparser)
    options = parser.parse_args(given)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        _complete(options)
        return int(modules[options.command].run(options))
    except UsageError as error:
        subparsers.choices[options.command].error(str(error))
    except (OSError, RuntimeError, ValueError) as error:
        # Those of ours are sentences; what reads pictures and cells lies in documents.
        if not type(error).__module__.startswith(("serving.", "documents.")):
            raise
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _complete(options: argparse.Namespace) -> None:
    """Fills in which model is meant.

    Raises:
      NoDefaultError: nobody knows.
    """
    if "base_path" in options:
        options.base_path = options.base_path or _default.base_path()
    elif "model_name" in options:
        served_from = getattr(options, "served_from", None)
        options.model_name = options.model_name or _default.model_name(served_from)


if __name__ == "__main__":
    sys.exit(main())
