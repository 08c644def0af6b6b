"""What the nodes that read all the data cost at ten times the images, and at ten times the rows.

Each node is the last one of a run of its own, beside the same run when that node is cached: the
difference are its CPU seconds, without those of starting.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.data.cost import TAXI, taxi_table
from benchmarks.scale.images import replicate
from benchmarks.target import Target
from benchmarks.usage import CommandError, python
from pipeline.preflight import preflight
from pipeline.settings import REPOSITORY, load_settings

TIMES = 10
NODES = ("ExampleGen", "StatisticsGen", "Transform")
ROWS = 1_000_000
"""Of the smaller table."""
MAX_MEMORY = 1.1
"""Of ten times the data, of that of one time."""
MAX_STATISTICS = 14.0
"""CPU seconds of StatisticsGen over 700,000 images."""


def images(scratch: Path) -> tuple[list[Target], dict[str, Any]]:
    """The nodes on Fashion-MNIST, and on it ten times over."""
    config = REPOSITORY / "configs/fashion_mnist.yaml"
    official = preflight.gather_data(load_settings(config)).folder
    found = {}
    for times in (1, TIMES):
        folder = scratch / f"images-{times}"
        count = replicate(official, folder, times)
        overrides = f"data.folder={folder}", "data.sha256={}", "data.origin=null"
        found[count] = _nodes(config, scratch / f"images-{times}.root", overrides)
        shutil.rmtree(folder)
    most = found[max(found)]["StatisticsGen"]["cpu_seconds"]
    target = Target(f"StatisticsGen on {max(found):,} images, CPU s", most, MAX_STATISTICS)
    return [*_growth("images", found), target], {"images": found}


def rows(scratch: Path) -> tuple[list[Target], dict[str, Any]]:
    """The nodes on a million rows of the taxi table, and on ten million."""
    header, *lines = taxi_table().read_bytes().splitlines(keepends=True)
    found = {}
    for count in (ROWS, TIMES * ROWS):
        folder = scratch / f"rows-{count}"
        folder.mkdir()
        with (folder / "data.csv").open("wb") as file:
            file.write(header)
            file.writelines(_repeated(lines, count))
        overrides = f"data.files={folder}/data.csv", "data.origin=null"
        found[count] = _nodes(TAXI.config, scratch / f"rows-{count}.root", overrides)
        shutil.rmtree(folder)
    return _growth("rows", found), {"rows": found}


def _repeated(lines: list[bytes], count: int) -> Iterator[bytes]:
    whole, rest = divmod(count, len(lines))
    text = b"".join(lines)
    for _ in range(whole):
        yield text
    yield from lines[:rest]


def _nodes(config: Path, root: Path, overrides: Sequence[str]) -> dict[str, dict[str, float]]:
    """CPU seconds of each node, and the peak memory of the run in which it is the last."""
    found = {}
    for node in NODES:
        command = ["local_runner.py", f"--config={config}", f"--root={root}", f"--to={node}"]
        command += [f"--set={override}" for override in overrides]
        first, again = (python(root.with_suffix(".out"), *command) for _ in range(2))
        found[node] = {
            "cpu_seconds": round(first.cpu_seconds - again.cpu_seconds, 2),
            "peak_megabytes": round(first.peak_megabytes),
        }
    shutil.rmtree(root)
    return found


def _growth(what: str, found: Mapping[int, Mapping[str, Mapping[str, float]]]) -> list[Target]:
    """Ten times the CPU seconds at most, and about the same memory."""
    small, large = (found[count] for count in sorted(found))
    targets = []
    for node in NODES:
        if small[node]["cpu_seconds"] <= 0:
            raise CommandError(f"{node} on {min(found):,} {what} cost nothing: was it cached?")
        for key, unit, limit in (
            ("cpu_seconds", "CPU seconds", float(TIMES)),
            ("peak_megabytes", "peak memory", MAX_MEMORY),
        ):
            name = f"{node}: {unit} on {max(found):,} {what} / on {min(found):,}"
            targets.append(Target(name, large[node][key] / small[node][key], limit))
    return targets
