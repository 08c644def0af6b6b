"""The search for settings: what twenty trials cost, and whether what it proposes is better."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks import usage
from benchmarks.target import Target
from pipeline.settings import REPOSITORY

TRIALS = 20
MAX_CPU_SECONDS = 90.0
"""Of the whole command on taxi, from nothing."""
_BETTER, _NOTHING_BETTER = 0, 3
_MINUTES = 120
"""Far more than it takes, so that the trials end the search."""


def measure(scratch: Path) -> tuple[list[Target], dict[str, Any]]:
    """Searches settings of taxi and of digits, each in a ROOT of its own.

    Raises:
      CommandError: a search failed.
    """
    targets, figures = [], {}
    for name in ("taxi", "digits"):
        used, found = _search(name, scratch)
        confirmed = found["confirmation"] or {}
        proposes = bool(found["proposal"])
        gain, noise = confirmed.get("gain", 0.0), confirmed.get("noise", 0.0)
        if name == "taxi":
            title = f"tune, {TRIALS} trials on taxi, CPU s"
            targets.append(Target(title, used.cpu_seconds, MAX_CPU_SECONDS))
        # Where nothing is proposed, the settings stay, and so does the figure.
        moved = gain if proposes else 0.0
        targets.append(
            Target(f"tune on {name}, better on eval by", moved, noise * proposes, at_least=True)
        )
        figures[name] = {
            "cpu_seconds": round(used.cpu_seconds, 1),
            "wall_seconds": round(used.wall_seconds, 1),
            "peak_megabytes": round(used.peak_megabytes),
            **{
                key: found[key]
                for key in ("metric", "headline", "proposal", "confirmation", "examples", "seconds")
            },
            "trials": [
                {key: trial[key] for key in ("number", "state", "value", "values")}
                for trial in found["trials"]
            ],
        }
    return targets, figures


def _search(name: str, scratch: Path) -> tuple[usage.Usage, dict[str, Any]]:
    output = scratch / f"{name}.json"
    used = usage.run(
        [
            *(sys.executable, "local_runner.py", "tune", "--json"),
            *("--config", f"configs/{name}.yaml", "--root", str(scratch / name)),
            *("--trials", str(TRIALS), "--minutes", str(_MINUTES)),
        ],
        cwd=REPOSITORY,
        output=output,
        codes=(_BETTER, _NOTHING_BETTER),
    )
    return used, json.loads(output.read_text())["tuning"]
