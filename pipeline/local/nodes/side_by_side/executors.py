"""Where the executors of a run work: in its own process, or each in one that is forked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import Self

from pipeline.local.nodes.side_by_side.executor_process import work
from pipeline.local.nodes.side_by_side.jobs import default_jobs
from pipeline.local.nodes.side_by_side.zygote import Zygote

if TYPE_CHECKING:
    from pipeline.local.nodes.side_by_side.nodes import SideBySide


class Executors:
    """Closed at the end of the run, whatever comes of it."""

    def __init__(self, jobs: int | None, *, bound: bool):
        """Starts nothing yet.

        Args:
          jobs: how many nodes may run at once; None: as processors and memory allow.
          bound: whether something ties them to the process of the run, one after another.
        """
        self._jobs = 1 if bound else jobs or default_jobs()
        self._zygote = Zygote(work) if self._jobs > 1 else None

    @property
    def at_once(self) -> bool:
        """Whether several may run at the same time."""
        return self._zygote is not None

    def get_ready(self) -> None:
        """Call it when the libraries are imported, before anything computes or listens.

        Where nothing does before the first executor, the run itself sees to it then.
        """
        if self._zygote:
            self._zygote.start()

    def side_by_side(self) -> SideBySide | None:
        """What runs nodes at the same time; None: they run one after another."""
        if not self._zygote:
            return None
        from pipeline.local.nodes.side_by_side.nodes import SideBySide

        return SideBySide(self._zygote, self._jobs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._zygote:
            self._zygote.close()
