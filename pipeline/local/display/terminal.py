"""What a person sees while the pipeline runs: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table

from documents.figure import measured
from documents.final_figures import final_figures
from documents.shown import shown_lines
from documents.terminal.counted import counted
from documents.terminal.short_path import short_path
from pipeline.local.display.summary import Summary
from pipeline.local.nodes.result import NodeResult, State

SYMBOLS: dict[State, str] = {
    "done": "[green]✔[/]",
    "cached": "[cyan]●[/]",
    "skipped": "[dim]–[/]",
    "failed": "[red]✘[/]",
}
PLAIN_INTERVAL = 10.0
"""Seconds between two progress lines of one node where there is no terminal."""


class _Running:
    """What is known of a node that runs."""

    def __init__(self) -> None:
        self.started = self.last_line = time.monotonic()
        self.message = ""
        self.steps: tuple[int, int] | None = None

    def line_is_due(self) -> bool:
        return time.monotonic() - self.last_line >= PLAIN_INTERVAL

    def progress(self) -> RenderableType:
        if not self.steps:
            return f"[dim]{_safe(self.message)}[/]"
        step, total = self.steps
        grid = Table.grid(padding=(0, 1))
        grid.add_row(ProgressBar(total=total, completed=step, width=20), _safe(self.message))
        return grid


class Terminal(logging.Handler):
    """Shows nodes and their progress: Observer of the launch, handler of `progress` records.

    A progress record may carry `step`, `total` (counts) and `eta` (seconds), and `node`, where it
    comes from one of several that run.
    """

    def __init__(self, output: TextIO):
        super().__init__()
        self.console = Console(file=output, highlight=False, soft_wrap=True)
        self._results: dict[str, NodeResult] = {}
        self._nodes: Sequence[str] = ()
        self._running: dict[str, _Running] = {}
        # What is told before the first node and between two.
        self._none = _Running()
        self._live: Live | None = None

    @property
    def results(self) -> list[NodeResult]:
        """Of the nodes that have ended, in the order of the pipeline."""
        return [self._results[node] for node in self._nodes if node in self._results]

    def title(self, text: str) -> None:
        self.console.print(f"[bold]{_safe(text)}[/]")

    def note(self, text: str) -> None:
        """A line about the machines, before the first node."""
        self.console.print(f"[dim]{_safe(text)}[/]")

    def run_started(self, nodes: Sequence[str]) -> None:
        self._nodes = nodes
        if self.console.is_terminal:
            # Live would also catch what others print, which belongs to the log.
            self._live = Live(
                self,
                console=self.console,
                refresh_per_second=4,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()

    def node_started(self, node: str) -> None:
        self._running[node] = _Running()
        if not self._live:
            self.console.print(f"{node} …")

    def node_finished(self, result: NodeResult) -> None:
        self._results[result.node] = result
        self._running.pop(result.node, None)
        if not self._live and result.state != "skipped":
            self.console.print(f"{result.node} {result.state} {result.seconds:.1f} s")

    def emit(self, record: logging.LogRecord) -> None:
        running, name = self._of(record)
        running.message = record.getMessage()
        step, total = getattr(record, "step", None), getattr(record, "total", None)
        running.steps = (step, total) if step is not None and total else None
        eta = getattr(record, "eta", None)
        if eta is not None:
            running.message += f", {_duration(eta)} left"
        warning = record.levelno >= logging.WARNING
        text = _safe(f"{name}: {running.message}" if name else running.message)
        if self._live:
            if warning:
                self._live.console.print(f"  [yellow]![/] {text}")
        elif warning or running is self._none or running.line_is_due():
            running.last_line = time.monotonic()
            self.console.print(f"  {text}")

    def _of(self, record: logging.LogRecord) -> tuple[_Running, str]:
        """The node that it is about, and its name where several run."""
        # Nodes start and end in another thread than that of a record.
        running = dict(self._running)
        name = getattr(record, "node", None)
        if name is None and len(running) == 1:
            [name] = running
        if name not in running:
            return self._none, ""
        return running[name], name if len(running) > 1 else ""

    def stop(self) -> None:
        """Leaves the table as it stands; later prints go below it."""
        if self._live:
            self._live.stop()
            self._live = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table.grid(padding=(0, 1))
        table.add_column(width=1)
        table.add_column(min_width=16)
        table.add_column(justify="right", min_width=8)
        table.add_column()
        for node in self._nodes:
            table.add_row(*self._row(node))
        yield table

    def _row(self, node: str) -> tuple[RenderableType, ...]:
        result = self._results.get(node)
        if result:
            seconds = "" if result.state in ("cached", "skipped") else f"{result.seconds:.1f} s"
            note = "" if result.state == "done" else result.state
            return SYMBOLS[result.state], node, seconds, f"[dim]{note}[/]"
        running = self._running.get(node)
        if running:
            seconds = f"{time.monotonic() - running.started:.1f} s"
            return "[yellow]▸[/]", f"[bold]{node}[/]", seconds, running.progress()
        return "[dim]·[/]", f"[dim]{node}[/]", "", ""

    def summary(self, summary: Summary, commands: Sequence[str]) -> None:
        """The last lines: verdict, evidence, what to do next. A refusal's reason comes last."""
        show = self.console.print
        show()
        for name, text in _evidence(summary):
            show(f"  [dim]{name:<15}[/]{_safe(text)}")
        show()
        path = _safe(short_path(summary.path)) if summary.path else ""
        if summary.outcome == "pushed":
            show(f"[green]✔ Pushed[/] {summary.model} version {summary.version} → {path}")
        elif summary.outcome == "already_live":
            show(f"[green]✔ Live[/] {summary.model} version {summary.version} → {path}")
            show(f"  {_safe(summary.reason or '')}")
        if commands:
            show()
        for command in commands:
            show(f"  [bold]{_safe(command)}[/]")
        if summary.outcome == "refused":
            show(f"[red]✘ NOT PUSHED[/] {_safe(summary.reason or '')}")
        elif summary.outcome == "withdrawn":
            show(f"[red]✘ WITHDRAWN[/] {_safe(summary.reason or '')}")
        elif summary.outcome == "unfinished":
            show(_safe(summary.reason or ""))

    def found(self, lines: Iterable[str]) -> None:
        """The last lines of a search for settings."""
        self.console.print()
        for line in lines:
            self.console.print(_safe(line))

    def failure(self, node: str | None, sentence: str, details: Sequence[str]) -> None:
        """One sentence, then what helps: the user's own line, the log, the command that resumes."""
        headline = f"{node} failed: {sentence}" if node else sentence
        self.console.print(f"[red]✘[/] {_safe(headline)}")
        for line in details:
            self.console.print(f"  {_safe(line)}")


def _evidence(summary: Summary) -> list[tuple[str, str]]:
    found = []
    if summary.data:
        found.append(("data", _data(summary.data)))
    if summary.span is not None:
        age = "new" if summary.span_is_new else "read by an earlier run"
        found.append(("span", summary.no_new_data or f"{summary.span}, {age}"))
    found += final_figures(summary.test_accuracy, summary.test_r2, summary.test_examples)
    if summary.evaluation:
        verdict = "blessed" if summary.evaluation["blessed"] else "NOT blessed"
        baseline = summary.evaluation.get("baseline")
        against = f"against version {baseline['version']}" if baseline else "no baseline yet"
        found.append(("evaluator", f"{verdict}, {against}"))
        found += _constants(summary.evaluation)
    for name, risk in zip(
        ["slices at risk", *[""] * len(summary.slices_at_risk)],
        summary.slices_at_risk,
        strict=False,
    ):
        margin = f"{risk.margin:+.4f} to its limit"
        found.append((name, f"{risk.slice}: {risk.metric} {measured(risk.value)}, {margin}"))
    if summary.serving_check:
        check = summary.serving_check
        verdict = "blessed" if check["blessed"] else "NOT blessed"
        latency = check.get("latency_ms") or {}
        timing = "".join(f", {name} {value:.1f} ms" for name, value in sorted(latency.items()))
        found.append(
            (
                "serving check",
                f"{verdict}, {counted(len(check.get('checks') or ()), 'check')} by the "
                f"{check.get('backend')} server{timing}",
            )
        )
    found += _variants(summary.variants or {})
    if summary.confirmed_at:
        found.append(("confirmed", f"by {summary.confirm_url} at {summary.confirmed_at}"))
    if summary.log:
        found.append(("log", short_path(summary.log)))
    return found


def _variants(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A line for each variant, and one that says where they are or why they are nowhere."""
    lines = [_variant(variant) for variant in document.get("variants") or ()]
    path, reason = document.get("path"), document.get("reason")
    if path:
        lines.append(f"published in {short_path(path)}")
    elif reason:
        lines.append(reason)
    return list(zip(["variants", *[""] * len(lines)], lines, strict=False))


def _variant(variant: Mapping[str, Any]) -> str:
    measured = variant.get("measured")
    if not measured:
        return f"{variant['name']} NOT made: {variant.get('reason')}"
    verdict = "blessed" if variant["blessed"] else "NOT blessed"
    [worst, *_] = variant["metrics"] or [None]
    drop = "" if not worst or worst["drop"] is None else f", at the worst {-worst['drop']:+.4f}"
    where = f" ({worst['metric']} on {worst['slice']})" if drop else ""
    packed = measured.get("gzip_bytes") or measured["bytes"]
    zipped = f" ({packed / 1e3:,.0f} zipped)" if packed < 0.5 * measured["bytes"] else ""
    return (
        f"{variant['name']} {verdict}, {measured['bytes'] / 1e3:,.0f} kB{zipped},"
        f" p50 {measured['p50_ms']:.2f} ms{drop}{where}"
    )


def _constants(evaluation: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The metric by which a model has to be better than always the same answer."""
    return [
        (
            "",
            f"{row['metric']} {measured(row['value'])}, and {measured(row['constant_value'])} of"
            f" always the same answer, {evaluation.get('constant')}",
        )
        for row in evaluation.get("metrics") or ()
        if row.get("must_beat_constant") and row.get("value") is not None
    ]


def _data(data: Mapping[str, Any]) -> str:
    counts = ", ".join(
        f"{count:,} {split}" for split, count in (data.get("examples") or {}).items()
    )
    origin = {
        "sample": "BUNDLED SAMPLE, not the full set",
        "debian": "Debian package",
        "package": "installed package",
        "download": "downloaded",
        "folder": "configured folder",
    }.get(data.get("source") or "", "")
    return f"{counts} ({origin})" if origin else counts


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _safe(text: str) -> str:
    """What comes from artifacts, logs and paths, for rich: neither markup nor escapes."""
    return escape(shown_lines(text))
