"""What ten times the data cost, and a second replica: python -m benchmarks.scale"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import command, report
from benchmarks.scale import nodes
from benchmarks.scale.images import replicate
from benchmarks.scale.replicas import replicas
from benchmarks.target import Part, Target
from benchmarks.usage import CommandError, python
from pipeline.preflight import preflight
from pipeline.settings import REPOSITORY, load_settings

TIMES = 10
SHARDS = (2, 20, 60)
MAX_CPU_SECONDS = 7.0

DESCRIPTION = """\
Reads the images of Fashion-MNIST ten times over, 700,000 in gzipped IDX files, into 2, 20 and 60
shards, in a process each: CPU seconds without imports, peak memory, and a digest of all examples.
Runs ExampleGen, StatisticsGen and Transform on 70,000 and 700,000 images, and on 1 and 10 million
rows of the taxi table: CPU seconds of each node, and peak memory.
Then it trains the default settings for two epochs on two replicas, each on a core of its own, and
for one epoch in two processes that share nothing, each with the batch of a replica. Takes about an
hour, most of it for the rows, and 10 GB of disk."""

EPILOG = """\
exit codes:
  0  all targets are met
  1  a target is missed, a digest differs, or a command failed
  2  a mistake in the command line"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = command.parser("benchmarks.scale", DESCRIPTION, EPILOG, "scale.json")
    parser.add_argument(
        "--only",
        type=command.some_of(PARTS),
        default=list(PARTS),
        metavar="PARTS",
        help=f"of {', '.join(PARTS)}; the file keeps what the others found",
    )
    options = parser.parse_args(arguments)
    console = command.console()
    targets: list[Target] = []
    for name in options.only:
        console.print(f"{name} …")
        with tempfile.TemporaryDirectory(prefix="benchmark-scale-") as folder:
            try:
                judged, figures = PARTS[name](Path(folder))
            except CommandError as error:
                print(error, file=sys.stderr)
                return command.MISSED
        report.write_part(options.output, name, judged, figures)
        targets += judged
    return command.verdict(console, targets, options.output)


def reading(scratch: Path) -> tuple[list[Target], dict[str, Any]]:
    """ExampleGen on packed images, by the number of shards."""
    official = preflight.gather_data(load_settings(REPOSITORY / "configs/fashion_mnist.yaml"))
    images = replicate(official.folder, scratch / "data", TIMES)
    runs = []
    for shards in SHARDS:
        output, examples = scratch / f"{shards}.out", scratch / f"examples-{shards}"
        python(
            output,
            *("-m", "benchmarks.scale.reading"),
            str(scratch / "data"),
            str(examples),
            str(shards),
        )
        runs.append(json.loads(output.read_text().splitlines()[-1]))
        shutil.rmtree(examples)
    targets = [
        Target(
            f"{images:,} packed images into {run['shards']} shards, CPU s",
            run["cpu_seconds"],
            MAX_CPU_SECONDS,
        )
        for run in runs
    ]
    digests = {run["sha256"] for run in runs}
    targets.append(Target("digests of all examples", len(digests), 1))
    return targets, {"images": images, "runs": runs}


PARTS: Mapping[str, Part] = {
    "reading": reading,
    "images": nodes.images,
    "rows": nodes.rows,
    "replicas": replicas,
}
"""Each takes an empty folder."""


if __name__ == "__main__":
    sys.exit(main())
