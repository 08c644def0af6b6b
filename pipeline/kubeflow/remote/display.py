"""A run elsewhere on a terminal: a table that changes where it can, else a line for each change."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from typing import TextIO

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from documents.shown import shown, shown_lines
from documents.terminal.console import raw
from pipeline.kubeflow.remote.error import RemoteError
from pipeline.kubeflow.remote.run import NODE_ENDED, Node, Run, RunState, State
from pipeline.kubeflow.remote.verdict import Verdict
from pipeline.local.display.terminal import SYMBOLS

_SYMBOLS: dict[State, str] = {
    "done": SYMBOLS["done"],
    "cached": SYMBOLS["cached"],
    "skipped": SYMBOLS["skipped"],
    "failed": SYMBOLS["failed"],
    "waiting": "[dim]·[/]",
    "running": "[yellow]▸[/]",
    "paused": "[yellow]▸[/]",
    "cancelled": "[red]✘[/]",
}


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


class Display:
    """A Viewer; `close` leaves the table as it stands."""

    def __init__(self, output: TextIO, clock: Callable[[], datetime.datetime] = now):
        # Our standard streams write escapes out, and colours are some.
        drawn = raw(os.dup(output.fileno())) if output.isatty() else output
        self.console = Console(file=drawn, highlight=False, soft_wrap=True)
        self._clock = clock
        self._run: Run | None = None
        self._seen: dict[str, tuple[State, int]] = {}
        self._run_state: RunState | None = None
        self._trouble: str | None = None
        self._live: Live | None = None

    def show(self, run: Run) -> None:
        self._run, self._trouble = run, None
        if self.console.is_terminal:
            if self._live is None:
                self._live = Live(
                    self,
                    console=self.console,
                    refresh_per_second=2,
                    redirect_stdout=False,
                    redirect_stderr=False,
                )
                self._live.start()
            self._live.refresh()
            return
        self._changes(run)

    def trouble(self, error: RemoteError) -> None:
        said = str(error)
        if said != self._trouble:
            self._trouble = said
            console = self._live.console if self._live else self.console
            console.print(f"  [yellow]![/] {_safe(said)} Asking again …")

    def table(self, run: Run) -> None:
        """The run as it is, once."""
        self._run = run
        self.console.print(self)

    def close(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def _changes(self, run: Run) -> None:
        if run.state != self._run_state and not run.over:
            self._line(f"{shown(run.name)} is {run.state}")
        self._run_state = run.state
        for node in run.nodes:
            was = self._seen.get(node.name, ("waiting", 1))
            if (node.state, node.attempts) == was:
                continue
            self._seen[node.name] = (node.state, node.attempts)
            if node.state == "running":
                again = f" (attempt {node.attempts})" if node.attempts > 1 else ""
                self._line(f"{shown(node.name)} …{again}")
            elif node.state in NODE_ENDED:
                self._line(" ".join([shown(node.name), node.state, *self._seconds(node)]))
            else:
                self._line(f"{shown(node.name)} {node.state}")

    def _line(self, text: str) -> None:
        self.console.print(f"{self._clock():%H:%M:%S} {_safe(text)}")

    def _seconds(self, node: Node) -> list[str]:
        seconds = node.seconds(self._clock())
        known = seconds is not None and node.state not in ("cached", "skipped", "waiting")
        return [f"{seconds:.0f} s"] if known else []

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._run is None:
            return
        table = Table.grid(padding=(0, 1))
        table.add_column(width=1)
        table.add_column(min_width=16)
        table.add_column(justify="right", min_width=8)
        table.add_column()
        for node in self._run.nodes:
            dim = node.state in ("waiting", "skipped")
            name = f"[dim]{_safe(node.name)}[/]" if dim else _safe(node.name)
            notes: list[str] = [] if node.state in ("done", "waiting", "running") else [node.state]
            notes += [f"attempt {node.attempts}"] if node.attempts > 1 else []
            notes += (
                [f"since {node.started:%H:%M:%S} UTC"] if node.started and not node.ended else []
            )
            note = f"[dim]{_safe(', '.join(notes))}[/]"
            table.add_row(_SYMBOLS[node.state], name, "".join(self._seconds(node)), note)
        if not self._run.nodes:
            table.add_row("[dim]·[/]", f"[dim]{self._run.state}, no node yet[/]", "", "")
        yield table

    def verdict(self, run: Run, verdict: Verdict) -> None:
        """The last lines; why something was not pushed comes last."""
        show, reason = self.console.print, _safe(verdict.reason or "")
        if verdict.outcome == "pushed":
            show(f"[green]✔ Pushed[/] {reason}")
        elif verdict.outcome == "already_live":
            show(f"[green]✔ Live[/] {reason}")
        elif verdict.outcome == "refused":
            show(f"[red]✘ NOT PUSHED[/] {reason}")
        elif verdict.outcome == "withdrawn":
            show(f"[red]✘ WITHDRAWN[/] {reason}")
        elif verdict.outcome == "failed":
            for line in verdict.last_lines:
                show(f"  {_safe(line)}")
            why = f": {reason}" if reason else ""
            show(f"[red]✘[/] {_safe(verdict.node or run.name)} failed{why}")
        elif verdict.outcome == "cancelled":
            show(f"[red]✘[/] {reason}")
        else:
            show(f"[yellow]![/] {verdict.outcome}: {reason}")


def _safe(text: str) -> str:
    return escape(shown_lines(text))
