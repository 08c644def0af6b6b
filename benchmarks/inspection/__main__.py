"""`make bench-inspection`: how long questions and pages take on large stores."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.table import Table

from benchmarks import command, machine
from benchmarks.inspection import questions, targets
from benchmarks.inspection.generate import TEMPLATE
from benchmarks.inspection.questions import Asked
from benchmarks.usage import CommandError
from documents.terminal.option_types import count_option
from pipeline.settings import REPOSITORY
from serving.backends.interpreter import clean_environment, module_command

RUNS, LARGE_RUNS = 1_000, 10_000
LARGE = (
    ("runs",),
    ("lineage", "Pusher", "--up"),
    ("lineage", "a1", "--down"),
    ("gc", "--dry-run"),
)

DESCRIPTION = """\
Asks a generated store of 1,000 runs, 10,000 executions and 30,000 artifacts every question, asks
a store ten times as large those that walk through all of it, and visits each kind of page.
Every run of the generated stores is the first recorded one with a seed of its own."""

EPILOG = """\
exit codes:
  0  all targets are met
  1  a target is missed, or a command failed
  2  a mistake in the command line

example: python -m benchmarks.inspection --times 5 --output /tmp/inspection.json"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = command.parser("benchmarks.inspection", DESCRIPTION, EPILOG, "inspection.json")
    parser.add_argument("--times", type=count_option, default=3, help="each question (default: 3)")
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except (CommandError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return command.MISSED


def _run(options: argparse.Namespace) -> int:
    console = command.console()
    with tempfile.TemporaryDirectory(prefix="bench-inspection-") as folder:
        scratch = Path(folder)
        console.print(f"generating stores of {RUNS:,} and {LARGE_RUNS:,} runs …")
        small = _generate(scratch / "small", RUNS)
        large = _generate(scratch / "large", LARGE_RUNS)
        times = options.times
        console.print("asking …")
        [start] = questions.ask(TEMPLATE, "the recorded store", [("runs",)], scratch, times)
        asked = list(
            questions.ask(small, f"{RUNS:,} runs", questions.commands(scratch), scratch, times)
        )
        asked_large = list(questions.ask(large, f"{LARGE_RUNS:,} runs", LARGE, scratch, times))
        console.print("visiting …")
        visited = json.loads(
            subprocess.run(
                module_command("benchmarks.inspection.pages", str(small)),
                cwd=REPOSITORY,
                env=clean_environment(),
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        explorer = _explorer_start(small)
    judged = targets.judge(
        start, asked, asked_large, visited["seconds"], visited["peak_megabytes"], explorer
    )
    console.print(_table((start, *asked, *asked_large)))
    pages = Table(title=f"First visits at {RUNS:,} runs")
    pages.add_column("page")
    pages.add_column("CPU ms", justify="right")
    for address, seconds in visited["seconds"].items():
        pages.add_row(address, f"{seconds * 1e3:.0f}")
    console.print(pages)
    document = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine.describe(),
        "questions": [dataclasses.asdict(each) for each in (start, *asked, *asked_large)],
        "pages": visited,
        "explorer_start_seconds": explorer,
        "targets": [{**dataclasses.asdict(target), "met": target.met} for target in judged],
    }
    command.write(options.output, document)
    return command.verdict(console, judged, options.output)


def _generate(folder: Path, runs: int) -> Path:
    """In a process of its own: what this one has held would count as its children's memory."""
    subprocess.run(
        module_command("benchmarks.inspection.generate", str(folder), "--runs", str(runs)),
        cwd=REPOSITORY,
        env=clean_environment(),
        check=True,
    )
    return folder


def _explorer_start(root: Path) -> float:
    """CPU seconds until it says where it listens, and is stopped."""
    command = module_command("inspection", "web", "--port", "0", "--store", str(root))
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=clean_environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def _table(asked: Iterable[Asked]) -> Table:
    table = Table(title="Medians of whole processes")
    table.add_column("store")
    table.add_column("command")
    for column in ("CPU s", "wall s", "peak MB"):
        table.add_column(column, justify="right")
    for each in asked:
        table.add_row(
            each.store,
            each.command,
            f"{each.cpu_seconds:.2f}",
            f"{each.wall_seconds:.2f}",
            f"{each.peak_megabytes:.0f}",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
