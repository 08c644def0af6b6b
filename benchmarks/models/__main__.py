"""What variants, modules and the search for settings are worth: python -m benchmarks.models"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import command, report
from benchmarks.models.measures import NAMES, measure_of
from benchmarks.targets import Target
from benchmarks.usage import CommandError
from pipeline.local.short_path import short

MET, MISSED, USAGE = 0, 1, 2

DESCRIPTION = """\
Measures what is made of models beside the model that is served: smaller variants, published
modules, settings that a search found. Each measure can be run by itself, and what another one
measured stays in the JSON file."""

EPILOG = """\
exit codes:
  0  all targets that were judged are met
  1  a target is missed, or a run failed
  2  a mistake in the command line

examples:
  python -m benchmarks.models
  python -m benchmarks.models --only NAME --output /tmp/models.json"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.models",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only", type=_names, default=NAMES, metavar="NAMES", help=f"of {', '.join(NAMES)}"
    )
    command.add_output(parser, "models.json")
    parser.add_argument("--scratch", type=Path, help="folder whose runs are kept")
    options = parser.parse_args(arguments)
    console = command.console()
    targets: list[Target] = []
    with tempfile.TemporaryDirectory(prefix="benchmark-models-") as folder:
        for name in options.only:
            scratch = (options.scratch or Path(folder)) / name
            scratch.mkdir(parents=True, exist_ok=True)
            console.print(f"{name} …")
            try:
                judged, figures = measure_of(name)(scratch)
            except CommandError as error:
                print(error, file=sys.stderr)
                return MISSED
            report.write_part(options.output, name, judged, figures)
            targets += judged
    console.print(report.target_table(targets))
    console.print(f"Every figure is in {short(options.output)}.")
    return MET if all(target.met for target in targets) else MISSED


def _names(text: str) -> list[str]:
    wanted = text.split(",")
    if not {*wanted} <= {*NAMES}:
        raise argparse.ArgumentTypeError(f"{text!r}: name some of {','.join(NAMES)}")
    return wanted


if __name__ == "__main__":
    sys.exit(main())
