"""How far a command has come, for whoever watches it on a terminal."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator

from documents.terminal.console import raw

_FEW = 64
"""So many are done before anybody wonders."""


@contextlib.contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], object]]:
    """A bar on standard error until the end; none for a few, or where that is no terminal.

    Args:
      what: is counted.
      total: how many there are.

    Yields:
      what to call with the number of those that were done since the last call.
    """
    if total <= _FEW or not sys.stderr.isatty():
        yield lambda done: None
        return
    # Only who sees it loads it.
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress

    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    # Lines for the same terminal go above the bar; those for a file or pipe go there.
    with Progress(
        *columns,
        console=Console(file=raw(os.dup(sys.stderr.fileno()))),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
        redirect_stderr=False,
    ) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)
