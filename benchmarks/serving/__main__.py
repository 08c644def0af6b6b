"""`make bench-serving`: CPU time per request, requests per second beside peers, and hot swaps."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import command, machine
from benchmarks.serving import churn, contenders, load, model, rates, targets
from benchmarks.serving.peers.environment import PeersError, peers_python
from documents.terminal.option_types import count_option, duration_option
from serving.launch import LaunchError

DESCRIPTION = """\
The embedded model server under load: eight clients on this machine's loopback.

  rates   CPU milliseconds of the server per request, and requests per second; in turn with
          litserve and mlserver, which serve the same SavedModel from an environment of their own
          (made on first use, some 1.5 GB under .cache/peers)
          --earlier adds the server of another commit: a ratio that a slow machine does not change
  churn   200 hot swaps while the clients go on asking

CPU time per request bears a busy machine better than requests per second do; the ratio to a peer
is of one run, in which all took turns."""

EPILOG = """\
exit codes:
  0  all targets that were judged are met
  1  a target is missed, or a server failed
  2  a mistake in the command line

examples:
  python -m benchmarks.serving
  python -m benchmarks.serving --no-peers --rounds 1
  git worktree add ../before HEAD~50 && python -m benchmarks.serving --earlier ../before
  python -m benchmarks.serving --model workspace/serving/fashion_mnist/1767225600"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = command.parser("benchmarks.serving", DESCRIPTION, EPILOG, "serving.json")
    parser.add_argument("--rounds", type=count_option, default=5, help="turns of each (default: 5)")
    parser.add_argument(
        "--seconds", type=duration_option, default=4.0, help="length of each turn (default: 4)"
    )
    parser.add_argument("--swaps", type=count_option, default=200, help="hot swaps (default: 200)")
    parser.add_argument(
        "--no-peers", dest="peers", action="store_false", help="leave litserve and mlserver out"
    )
    parser.add_argument(
        "--earlier",
        type=Path,
        metavar="CHECKOUT",
        help="a folder with another commit of this project, whose server takes turns",
    )
    parser.add_argument(
        "--model",
        type=Path,
        help="another SavedModel that takes `images`, uint8 [n, 28, 28]",
    )
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except (PeersError, contenders.ContenderError, LaunchError) as error:
        print(error, file=sys.stderr)
        return command.MISSED


def _run(options: argparse.Namespace) -> int:
    console = command.console()
    header = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine.describe(),
        "versions": machine.versions(),
        "model": str(options.model or "benchmarks/serving/model.py"),
    }
    with tempfile.TemporaryDirectory(prefix="bench-serving-") as folder:
        scratch = Path(folder)
        saved_model = options.model
        if saved_model is None:
            saved_model = scratch / "model"
            model.export(saved_model)
        figures = _rates(options, saved_model, scratch, console)
        console.print(f"{options.swaps} hot swaps …")
        swapped = churn.measure(saved_model, scratch, options.swaps, options.seconds)
    judged = targets.judge(figures, swapped)
    console.print(_rate_table(figures))
    console.print(
        f"{swapped.swaps} hot swaps under {swapped.answers:,} requests: {swapped.failures} failed, "
        f"resident memory {swapped.megabytes_before:.0f} → {swapped.megabytes_after:.0f} MB"
    )
    document = {
        **header,
        "rates": [dataclasses.asdict(figure) for figure in figures],
        "churn": dataclasses.asdict(swapped),
        "targets": [{**dataclasses.asdict(target), "met": target.met} for target in judged],
    }
    command.write(options.output, document)
    return command.verdict(console, judged, options.output)


def _rates(
    options: argparse.Namespace, saved_model: Path, scratch: Path, console: Console
) -> list[rates.Rate]:
    with contextlib.ExitStack() as stack:
        started: list[contenders.Contender] = [
            stack.enter_context(contenders.embedded(saved_model, scratch))
        ]
        if options.earlier:
            started += [
                stack.enter_context(contenders.earlier(saved_model, options.earlier, scratch))
            ]
        if options.peers:
            python = peers_python()
            started += [
                stack.enter_context(contenders.litserve(saved_model, python, scratch)),
                stack.enter_context(contenders.mlserver(saved_model, python, scratch)),
            ]
        figures = []
        for figure in rates.measure(started, options.rounds, options.seconds):
            console.print(
                f"round {figure.round} of {options.rounds}: {figure.contender}, {figure.protocol}, "
                f"batch {figure.batch}: {figure.cpu_milliseconds:.3f} CPU ms, "
                f"{figure.per_second:,.0f} requests/s"
            )
            figures.append(figure)
    return figures


def _rate_table(figures: Sequence[rates.Rate]) -> Table:
    table = Table(title=f"Medians, {load.CLIENTS} clients")
    for column in ("server", "protocol"):
        table.add_column(column)
    for column in ("batch", "CPU ms / request", "range", "requests / s"):
        table.add_column(column, justify="right")
    for key in dict.fromkeys((f.contender, f.protocol, f.batch) for f in figures):
        part = [f for f in figures if (f.contender, f.protocol, f.batch) == key]
        cpu = [f.cpu_milliseconds for f in part]
        table.add_row(
            key[0],
            key[1],
            str(key[2]),
            f"{rates.median(part, *key, lambda f: f.cpu_milliseconds):.3f}",
            f"{min(cpu):.3f}–{max(cpu):.3f}",
            f"{rates.median(part, *key, lambda f: f.per_second):,.0f}",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
