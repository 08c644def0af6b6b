"""Makes faults until its time is up, and counts what was not taken as it should be."""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from rich.console import Console
from rich.table import Table

from documents.terminal.command_line import CommandLine
from documents.terminal.option_types import duration_option
from tests.faults.kinds import (
    changes,
    command_lines,
    disks,
    documents,
    environments,
    mangled_settings,
    runs,
)
from tests.faults.trial import Budget, Kind, Trial

KINDS: tuple[Kind, ...] = (
    changes,
    command_lines,
    documents,
    mangled_settings,
    disks,
    environments,
    runs,
)
DESCRIPTION = """\
Kills, full disks, mangled files and odd surroundings, as many as fit into the time. After each
fault the base path must be sound, the store whole, and every word of a command a sentence."""
EPILOG = """\
exit codes:
  0  all was as it should be
  1  something was not, and is named with the seed that makes it again
  2  a mistake in the command line

example: python -m tests.faults --only disks --minutes 2 --seed 7"""


class Counts(TypedDict, total=False):
    """Of one kind, as `--json` writes them."""

    faults: int
    problems: list[str]
    missing: str
    """Why none was made."""


_NO_TIME = "its time was over before the first one, so that nothing was tried; give more --minutes"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = CommandLine(
        prog="python -m tests.faults",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--minutes", type=duration_option, default=10.0, help="time for all (default: 10)"
    )
    parser.add_argument("--seed", type=int, help="dice, to make the same faults again")
    names = [kind.__name__.rpartition(".")[2] for kind in KINDS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="these kinds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the counts there")
    options = parser.parse_args(arguments)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    kinds = [kind for kind, name in zip(KINDS, names, strict=True) if name in options.only]
    console = Console(highlight=False, soft_wrap=True)
    counts: dict[str, Counts] = {}
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    start = time.monotonic()
    end = start + options.minutes * 60
    try:
        for number, kind in enumerate(kinds):
            left = sum(each.share for each in kinds[number:])
            now = time.monotonic()
            deadline = now + (end - now) * kind.share / left
            counts[kind.name] = _counts(kind, folder, deadline, random.Random(seed), console)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    table = Table("kind", "faults", "taken wrongly")
    for name, row in counts.items():
        table.add_row(name, f"{row['faults']:,}", str(len(row["problems"])))
    console.print(table)
    seconds = time.monotonic() - start
    console.print(f"seed {seed}, {seconds / 60:.1f} minutes")
    if options.json:
        document = {"seed": seed, "minutes": round(seconds / 60, 1), "kinds": counts}
        options.json.write_text(json.dumps(document, indent=1) + "\n")
    return int(any(row["problems"] for row in counts.values()))


def _counts(
    kind: Kind, folder: Path, deadline: float, chance: random.Random, console: Console
) -> Counts:
    """What became of the faults of one kind that were made until `deadline`."""
    made: list[Trial] = []
    missing = kind.missing()
    if not missing:
        place = folder / kind.__name__.rpartition(".")[2]
        place.mkdir()
        made = _made(kind, Budget(place, folder, deadline, chance), console)
        missing = None if made else _NO_TIME
    if missing:
        console.print(f"[yellow]NOT MADE: {kind.name}: {missing}.[/]")
        return {"faults": 0, "problems": [], "missing": missing}
    problems = [f"{trial.fault}: {trial.problem}" for trial in made if trial.problem]
    return {"faults": len(made), "problems": problems}


def _made(kind: Kind, budget: Budget, console: Console) -> list[Trial]:
    made: list[Trial] = []
    last = 0.0
    for trial in kind.trials(budget):
        made.append(trial)
        if trial.problem:
            console.print(f"[red]✘[/] {kind.name}: {trial.fault}: {trial.problem}", markup=True)
        if time.monotonic() - last > 10:
            last = time.monotonic()
            console.print(f"{kind.name}: {len(made):,} faults", style="dim")
    console.print(f"{kind.name}: {len(made):,} faults, all made")
    return made


if __name__ == "__main__":
    sys.exit(main())
