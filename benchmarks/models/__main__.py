"""What variants, modules and the search for settings are worth: python -m benchmarks.models"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import command, report
from benchmarks.models.measures import NAMES, measure_of
from benchmarks.target import Target
from benchmarks.usage import CommandError

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
    parser = command.parser("benchmarks.models", DESCRIPTION, EPILOG, "models.json")
    parser.add_argument(
        "--only",
        type=command.some_of(NAMES),
        default=NAMES,
        metavar="NAMES",
        help=f"of {', '.join(NAMES)}",
    )
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
                return command.MISSED
            report.write_part(options.output, name, judged, figures)
            targets += judged
    return command.verdict(console, targets, options.output)


if __name__ == "__main__":
    sys.exit(main())
