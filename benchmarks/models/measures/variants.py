"""Variants of the default model: their size, their time, and how much worse they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.target import Target
from benchmarks.usage import python
from documents.slice import OVERALL

MAX_INT8_SIZE, MAX_INT8_DROP, MIN_INT8_SPEED = 0.3, 0.003, 2.0
MAX_PRUNED_SIZE, MAX_PRUNED_DROP = 0.15, 0.005
METRIC = "SparseCategoricalAccuracy"
# Wide limits: what is measured here is judged here.
SETTINGS = "variants={make: [float32, int8, pruned_int8], max_drop: 1, max_slice_drop: 1}"


def measure(scratch: Path) -> tuple[list[Target], dict[str, Any]]:
    """Runs the default pipeline with variants."""
    output = scratch / "run.json"
    usage = python(
        output, "local_runner.py", f"--root={scratch / 'root'}", "--json", "--set", SETTINGS
    )
    document = json.loads(output.read_text())["variants"]
    found = {each["name"]: each for each in document["variants"]}
    whole = found["float32"]["measured"]
    int8, pruned = found["int8"], found["pruned_int8"]
    fast = whole["p50_ms"] / int8["measured"]["p50_ms"]
    return [
        Target("int8, bytes / float32", _share(int8, "bytes", whole), MAX_INT8_SIZE),
        Target("… accuracy below the model's", _drop(int8), MAX_INT8_DROP),
        Target("… float32's p50 / its p50", fast, MIN_INT8_SPEED, at_least=True),
        Target(
            "pruned int8 zipped, bytes / float32",
            _share(pruned, "gzip_bytes", whole),
            MAX_PRUNED_SIZE,
        ),
        Target("… accuracy below the model's", _drop(pruned), MAX_PRUNED_DROP),
    ], {"cpu_seconds": round(usage.cpu_seconds, 1), "variants": document["variants"]}


def _share(variant: dict[str, Any], key: str, whole: dict[str, Any]) -> float:
    return float(variant["measured"][key] / whole["bytes"])


def _drop(variant: dict[str, Any]) -> float:
    [row] = [
        each for each in variant["metrics"] if (each["metric"], each["slice"]) == (METRIC, OVERALL)
    ]
    return float(row["drop"])
