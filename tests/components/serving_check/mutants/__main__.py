"""Prints what the serving check makes of each mutant: python -m …mutants [--list] [NAME …]."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

from components.serving_check.options import Options
from tests.components.serving_check.mutants.catalogue import MUTANTS
from tests.components.serving_check.mutants.real_model import train
from tests.components.serving_check.mutants.stand import stand
from tests.models.transform import write_transform_graph

CHUNK = 30
"""Candidates on one server: each takes a hundred megabytes there, warmed up and asked."""


def main() -> int:
    """Exit code 1 when a wrong model was blessed, or a right one refused."""
    parser = argparse.ArgumentParser(prog="python -m tests.components.serving_check.mutants")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; all by default")
    parser.add_argument("--list", action="store_true", help="only say what there is")
    parser.add_argument(
        "--model",
        type=Path,
        help="folder of a Model artifact to make them of; trained if not given",
    )
    parser.add_argument(
        "--every-check", action="store_true", help="not only the one that must catch it"
    )
    arguments = parser.parse_args()
    for name in set(arguments.names) - set(MUTANTS):
        parser.error(f"there is no mutant {name}; --list says what there is")
    if arguments.list:
        for mutant in MUTANTS.values():
            print(f"{mutant.row or 'passes':20} {mutant.name:22} {mutant.says}")
        return 0
    names = arguments.names or [name for name, mutant in MUTANTS.items() if not mutant.harmful]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        model = arguments.model or train(
            Path(folder), write_transform_graph(Path(folder) / "graph")
        )
        failed = 0
        for start in range(0, len(names), CHUNK):
            part = Path(folder) / f"part-{start}"
            failed += _check(names[start : start + CHUNK], model, part, arguments.every_check)
    print(f"{len(names)} mutants, {failed} judged wrongly")
    return min(failed, 1)


def _check(names: Sequence[str], model: Path, folder: Path, every: bool) -> int:
    failed = 0
    made = {name: folder / "made" / name for name in ("the_real_one", *names)}
    for name, target in made.items():
        MUTANTS[name].make(model, target)
    cold = {name for name in names if MUTANTS[name].cold and not every}
    with stand(made, folder / "served", Options(backend="embedded"), cold) as server:
        for name in names:
            mutant = MUTANTS[name]
            rows = server.check(name, None if every else mutant.row)
            failing = [row for row, check in rows.items() if not check.ok]
            right = mutant.row in failing if mutant.row else not failing
            failed += not right
            verdict = f"refused by {', '.join(failing)}" if failing else "blessed"
            print(f"{'ok' if right else 'WRONG':6}{name:22} {verdict}", flush=True)
            if not right:
                print(f"      {mutant.says}; expected: {mutant.row or 'to pass'}")
                for row in failing:
                    print(f"      {row}: {rows[row].found}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
