"""What commands ask of a server elsewhere, whichever it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from pipeline.kubeflow.remote.job import Job
from pipeline.kubeflow.remote.run import Node, Run
from pipeline.kubeflow.remote.schedule import Schedule, When


class Service(Protocol):
    """Every call raises RemoteError, one sentence, where the server refuses or is not there."""

    def submit(self, job: Job) -> Run:
        """Starts a run."""
        ...

    def run(self, wanted: str) -> Run:
        """The run of this id, or the newest of this name."""
        ...

    def runs(self, most: int) -> Sequence[Run]:
        """The newest, without their nodes."""
        ...

    def log(self, run: Run, node: Node) -> Iterator[str]:
        """The lines that a node has written so far."""
        ...

    def schedule(self, job: Job, when: When) -> Schedule:
        """Makes a schedule, which is active."""
        ...

    def schedules(self) -> Sequence[Schedule]: ...

    def pause(self, schedule: Schedule) -> None: ...

    def resume(self, schedule: Schedule) -> None: ...

    def delete(self, schedule: Schedule) -> None: ...
