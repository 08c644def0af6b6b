"""The processes of one training, each started by the same command with a TF_CONFIG of its own.

The chief runs the pipeline. The others wait for it, train along, and end with its run.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from documents.terminal.short_path import short_path
from documents.workspace import Workspace
from models.training.cluster import Cluster
from pipeline.files.home import lend_home
from pipeline.local.display.terminal import Terminal
from pipeline.local.failures.failure import sentence
from pipeline.local.failures.interruption import Interruption
from pipeline.local.log import output_to_log

if TYPE_CHECKING:
    from models.training.replicas import Processes

ENDED, ERROR = 0, 1
_BAD_ENDS = ("failed", "interrupted")


class Team:
    """What the chief knows of the others; nothing where there are none."""

    def __init__(self, cluster: Cluster | None):
        self._cluster = cluster
        self._processes: Processes | None = None

    def gather(self, note: Callable[[str], None]) -> None:
        """Waits for them; call it before TensorFlow has computed anything.

        Raises:
          ReplicasError: one did not come.
        """
        if not self._cluster:
            return
        lend_home()
        from models.training.replicas import join

        note(_waiting(self._cluster))
        self._processes = join(self._cluster)

    def dismiss(self, outcome: str) -> None:
        """Tells those who still listen how the run ended."""
        if self._processes:
            from models.training.replicas import ReplicasError
            from models.training.worker import dismiss

            with contextlib.suppress(ReplicasError):
                dismiss(self._processes, outcome)


def train_along(
    cluster: Cluster, workspace: Workspace, interruption: Interruption, *, as_json: bool
) -> int:
    """All that a process other than the chief does; returns its exit code.

    0: the run of the chief ended, whatever came of it; 1: it failed, or a process is gone; 130 and
    the like: interrupted.
    """
    started = datetime.datetime.now().strftime("%Y%m%dT%H%M%S.%f")
    log = workspace.logs / f"{started}-{cluster.job}-{cluster.index}.log"
    with output_to_log(log) as (output, errors):
        terminal = Terminal(errors if as_json else output)
        progress = logging.getLogger("progress")
        progress.addHandler(terminal)
        try:
            outcome, reason = _outcome(cluster, terminal)
        finally:
            progress.removeHandler(terminal)
        if interruption.came:
            outcome, reason = "interrupted", None
        if reason:
            terminal.failure(None, reason, [f"log     {short_path(log)}"])
        if as_json:
            output.write(_document(cluster, outcome, reason, str(log)))
    if interruption.came:
        return interruption.exit_code
    return ERROR if outcome in _BAD_ENDS else ENDED


def _outcome(cluster: Cluster, terminal: Terminal) -> tuple[str, str | None]:
    """How the run ended, and why where that is known here."""
    try:
        terminal.note(_waiting(cluster))
        lend_home()
        from models.training.replicas import join
        from models.training.worker import follow

        outcome = follow(join(cluster), terminal.note)
        terminal.note(f"the run of {cluster.addresses[0]} ended: {outcome}")
        return outcome, None
    except (Exception, KeyboardInterrupt) as error:
        logging.getLogger(__name__).exception("Training along failed.")
        return "failed", sentence(error)


def _waiting(cluster: Cluster) -> str:
    return (
        f"process {cluster.rank + 1} of {len(cluster.addresses)}, {cluster.job} {cluster.index} of"
        f" TF_CONFIG, waits for {', '.join(each for each in _others(cluster))}"
    )


def _others(cluster: Cluster) -> list[str]:
    return [each for rank, each in enumerate(cluster.addresses) if rank != cluster.rank]


def _document(cluster: Cluster, outcome: str, reason: str | None, log: str) -> str:
    found = {"process": cluster.rank, "outcome": outcome, "reason": reason, "log": log}
    return json.dumps(found) + "\n"
