"""Prints what the serving check makes of each mutant: python -m …mutants [--list] [NAME …].

With `--whole` each goes through the executor as in a real run, the real model being live, and
`--busy 4` starts so many endless loops beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

from components.serving_check.control import MachineError
from serving.launch import LaunchError
from tests.components.serving_check.bench import Bench
from tests.components.serving_check.mutants.catalogue import MUTANTS
from tests.components.serving_check.mutants.real_model import train
from tests.components.serving_check.mutants.registry import MODEL, Mutant
from tests.components.serving_check.mutants.stand import CHUNK, stand
from tests.fashion_mnist import CHECK_OPTIONS
from tests.models.transform import write_transform_graph


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
    parser.add_argument(
        "--whole",
        action="store_true",
        help="one by one through the executor, speed and all, beside the real model as the live "
        "version; the right ones by default",
    )
    parser.add_argument(
        "--busy", type=int, default=0, metavar="LOOPS", help="endless loops to run meanwhile"
    )
    arguments = parser.parse_args()
    for name in set(arguments.names) - set(MUTANTS):
        parser.error(f"there is no mutant {name}; --list says what there is")
    if arguments.list:
        for mutant in MUTANTS.values():
            print(f"{mutant.row or 'passes':20} {mutant.name:22} {mutant.says}")
        return 0
    names = arguments.names or [
        name
        for name, mutant in MUTANTS.items()
        if not mutant.harmful and not (arguments.whole and mutant.row)
    ]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        model = arguments.model or train(
            Path(folder), write_transform_graph(Path(folder) / "graph")
        )
        failed = 0
        with _busy(arguments.busy):
            for name in names if arguments.whole else ():
                failed += _check_whole(name, model, Path(folder) / name)
            for start in () if arguments.whole else range(0, len(names), CHUNK):
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
    options = CHECK_OPTIONS.model_copy(update={"backend": "embedded"})
    with stand(made, folder / "served", options, cold) as server:
        for name in names:
            mutant = MUTANTS[name]
            rows = server.check(name, None if every else mutant.row)
            failing = {row: check.found for row, check in rows.items() if not check.ok}
            failed += not _told(mutant, failing)
    return failed


def _check_whole(name: str, model: Path, folder: Path) -> bool:
    """Whether it was judged wrongly."""
    mutant = MUTANTS[name]
    bench = Bench(folder)
    mutant.make(model, folder / "model")
    shutil.copytree(model / MODEL, folder / "baseline" / MODEL)
    start = time.monotonic()
    try:
        checked = bench.check_whole(splits=(), backend="embedded")
    except (LaunchError, MachineError) as error:
        print(f"WRONG {name:22} {error}", flush=True)
        return True
    failing = {row: check["found"] for row, check in checked.rows.items() if not check["ok"]}
    note = f" after {time.monotonic() - start:.0f} s"
    again = [row for row, check in checked.rows.items() if "again" in check["found"]]
    note += f", {', '.join(again)} measured again" if again else ""
    shutil.rmtree(folder)
    return not _told(mutant, failing, note)


def _told(mutant: Mutant, failing: Mapping[str, str], note: str = "") -> bool:
    """Prints the verdict, and returns whether it is the right one."""
    right = mutant.row in failing if mutant.row else not failing
    verdict = f"refused by {', '.join(failing)}" if failing else "blessed"
    print(f"{'ok' if right else 'WRONG':6}{mutant.name:22} {verdict}{note}", flush=True)
    if not right:
        print(f"      {mutant.says}; expected: {mutant.row or 'to pass'}")
        for row, found in failing.items():
            print(f"      {row}: {found}")
    return right


@contextlib.contextmanager
def _busy(loops: int) -> Iterator[None]:
    """Runs so many endless loops."""
    # They end with their parent, however that ends.
    loop = "import os; parent = os.getppid()\nwhile os.getppid() == parent: pass"
    running = [subprocess.Popen([sys.executable, "-c", loop]) for _ in range(loops)]
    try:
        yield
    finally:
        for each in running:
            each.kill()
            each.wait()


if __name__ == "__main__":
    sys.exit(main())
