"""What production costs: this pipeline beside a plain script and beside TFX's own wiring."""

from __future__ import annotations

import argparse
import datetime
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import command, machine, report
from benchmarks.contenders import CONTENDERS, Contender, WorkError
from benchmarks.targets import judge
from benchmarks.usage import CommandError
from benchmarks.work import Work, plan
from documents.terminal.option_types import count_option
from documents.terminal.short_path import short_path
from models.hub.module import HubError
from pipeline.data.dataset import DatasetError
from pipeline.run_arguments import add_config, add_overrides
from pipeline.settings import SettingsError

DESCRIPTION = """\
What production costs. Runs side by side, each as a fresh process, in turn (a b c a b c ...):

  (a)  benchmarks/prototype.py, a plain script, tuned
  (b)  benchmarks/stock_tfx, TFX wired as its own mnist example is
  (c)  local_runner.py, this pipeline; and once more in the same ROOT, fully cached

All train the same network, for the same number of steps, on the same images. Prints medians of
CPU seconds, wall time and peak memory with the verdicts, and writes every run as JSON. CPU seconds
count children and imports, and bear a busy machine better than wall time does; a calm one is best.
A round takes some six minutes on two cores."""

EPILOG = """\
exit codes:
  0  all targets that were judged are met
  1  a target is missed, or a contender failed
  2  a mistake in the command line, the settings or the data

examples:
  python -m benchmarks.production_tax
  python -m benchmarks.production_tax --runs 1 --only a,c
  python -m benchmarks.production_tax --config configs/quick.yaml --runs 1 --output /tmp/tax.json"""


def _contenders(text: str) -> list[type[Contender]]:
    wanted = text.split(",")
    known = sorted({contender.key[0] for contender in CONTENDERS})
    if not set(wanted) <= set(known):
        raise argparse.ArgumentTypeError(f"{text!r}: name some of {','.join(known)}")
    # The cached run belongs to (c).
    return [contender for contender in CONTENDERS if contender.key[0] in wanted]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = command.parser("benchmarks.production_tax", DESCRIPTION, EPILOG, "production_tax.json")
    parser.add_argument(
        "--runs", type=count_option, default=3, help="runs of each contender (default: 3)"
    )
    parser.add_argument(
        "--only",
        type=_contenders,
        default=list(CONTENDERS),
        metavar="a,b,c",
        help="contenders to run; what then cannot be judged is left out (default: all)",
    )
    add_config(
        parser, "settings of the pipeline, which the others follow (default: the default ones)"
    )
    add_overrides(parser, "override one setting, e.g. data.folder=...; may be repeated")
    options = parser.parse_args(arguments)
    try:
        work = plan(options.config, options.overrides)
    except (SettingsError, DatasetError, HubError) as error:
        print(error, file=sys.stderr)
        return command.USAGE
    try:
        return _compare(work, options.only, options.runs, options.output)
    except (CommandError, WorkError) as error:
        print(error, file=sys.stderr)
        return command.MISSED


def _compare(work: Work, kinds: Sequence[type[Contender]], rounds: int, output: Path) -> int:
    console = command.console()
    header = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        # Described before there is a load of our own.
        "machine": machine.describe(),
        "versions": machine.versions(),
        "work": _described(work),
    }
    console.print(_caption(work))
    runs = _run(work, kinds, rounds, console)
    targets = judge(report.medians(runs), report.accuracies(runs), report.check_seconds(runs))
    titles = {contender.key: contender.title for contender in kinds}
    console.print(report.usage_table(runs, titles))
    command.write(output, {**header, **report.document(runs, targets)})
    return command.verdict(console, targets, output)


def _run(
    work: Work, kinds: Sequence[type[Contender]], rounds: int, console: Console
) -> list[report.Run]:
    runs = []
    with tempfile.TemporaryDirectory(prefix="production-tax-") as scratch:
        contenders = [kind(work, Path(scratch)) for kind in kinds]
        for number in range(1, rounds + 1):
            for contender in contenders:
                usage = contender.measure()
                runs.append(
                    report.Run(
                        contender.key,
                        number,
                        usage,
                        contender.accuracy(),
                        contender.check_seconds(),
                    )
                )
                console.print(
                    f"round {number} of {rounds}: {contender.title} {usage.cpu_seconds:.1f} CPU s, "
                    f"{usage.wall_seconds:.1f} s, {usage.peak_megabytes:,.0f} MB, "
                    f"test accuracy {runs[-1].accuracy:.4f}"
                )
            for contender in contenders:
                shutil.rmtree(contender.folder, ignore_errors=True)
    return runs


def _described(work: Work) -> dict[str, Any]:
    return {
        "config": short_path(work.config),
        "overrides": list(work.overrides),
        "data": work.source,
        "train_examples": work.train_examples,
        "steps": work.steps,
        "recipe": work.recipe,
        "hub": work.settings.hub and work.settings.hub.model_dump(),
    }


def _caption(work: Work) -> str:
    sample = ", the bundled sample, whose figures mean nothing" if work.source == "sample" else ""
    return (
        f"{short_path(work.config)}: {work.steps:,} steps of {work.settings.training.batch_size}"
        f" on {work.train_examples:,} training images{sample}"
    )


if __name__ == "__main__":
    sys.exit(main())
