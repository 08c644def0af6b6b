"""The served model of each data set beside its peer, on the same split.

Whatever loads TensorFlow is a process of its own: the memory of this one is counted as that of what
it starts.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks.data.sets import MOST_AT_OR_ABOVE, QUICK, TABLES, DataSet
from benchmarks.target import Target
from benchmarks.usage import Usage, python


@dataclasses.dataclass(frozen=True)
class Compared:
    """One data set; figures by name, of the test split."""

    name: str
    measure: str
    served: dict[str, float]
    peer: dict[str, float]
    """With the CPU seconds of learning beside them."""
    test_examples: int
    pipeline: Usage

    @property
    def ahead(self) -> float:
        """By how much the served model's figure is the higher one."""
        return self.served[self.measure] - self.peer[self.measure]


def compare(data: DataSet, scratch: Path) -> Compared:
    """Runs the pipeline, asks the pushed model, and has the peer learn the same examples."""
    root = scratch / data.name
    shutil.rmtree(root, ignore_errors=True)  # What is cached costs nothing.
    usage = python(
        scratch / f"{data.name}.out",
        *("local_runner.py", f"--config={data.config}", f"--root={root}"),
        *(f"--set={override}" for override in QUICK),
    )
    said = {}
    for who in ("served", "peer"):
        output = scratch / f"{data.name}.{who}.json"
        python(output, "-m", f"benchmarks.data.{who}", str(root), str(data.config))
        said[who] = json.loads(output.read_text())
    count = said["served"].pop("examples")
    return Compared(data.name, data.measure, said["served"], said["peer"], count, usage)


def judge(sets: Sequence[DataSet], found: Sequence[Compared]) -> list[Target]:
    """Each against its limits, and over how many tables the served model is not worse at all."""
    targets = []
    for data, compared in zip(sets, found, strict=True):
        title = f"{data.name}: {data.measure}"
        targets.append(Target(f"{title} above its peer's", compared.ahead, -data.below, True))
        name = f"{data.name}: columns beside examples, largest difference"
        targets.append(Target(name, compared.served["apart"], 0.0))
        if data.least is not None:
            value = compared.served[data.measure]
            targets.append(Target(title, value, data.least, at_least=True))
    tables = [compared for compared in found if compared.name != "reviews"]
    if len(tables) == TABLES:
        above = sum(compared.ahead >= 0 for compared in tables)
        name = f"moonshot: tables of {TABLES} at or above their peer"
        targets.append(Target(name, above, MOST_AT_OR_ABOVE, at_least=True))
    return targets
