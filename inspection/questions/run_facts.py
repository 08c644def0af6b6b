"""Everything about a run that has a name, to filter and sort by: settings, metrics."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

from documents.slice import OVERALL
from inspection.history import History
from inspection.questions.difference import parts_of
from inspection.questions.runs_compared import metrics_of
from inspection.records import Run
from inspection.workspace import Workspace

SETTING = "setting "


class RunFacts:
    """Facts by their names, each run's looked up once."""

    def __init__(self, history: History, workspace: Workspace | None) -> None:
        """Looks at nothing yet."""
        self._history = history
        self._workspace = workspace
        self._settings: dict[int, Mapping[str, str | float]] = {}
        self._metrics: dict[int, Mapping[str, str | float]] = {}

    def __call__(self, run: Run) -> Iterator[Mapping[str, str | float]]:
        """Settings, then metrics, for which files have to be read."""
        if run.id not in self._settings:
            self._settings[run.id] = {
                name.replace(f": {SETTING}", ".", 1).replace(": ", ".", 1): value
                for name, value in parts_of(self._history, run).items()
            }
        yield self._settings[run.id]
        if run.id not in self._metrics:
            found = metrics_of(self._history, self._workspace, run) if self._workspace else {}
            self._metrics[run.id] = {
                metric if slice == OVERALL else f"{metric} on {slice}": each.value
                for (metric, slice), each in found.items()
            }
        yield self._metrics[run.id]


@functools.lru_cache(maxsize=2)
def run_facts(history: History, workspace: Workspace | None) -> RunFacts:
    """Those of a store, as long as it is the same."""
    return RunFacts(history, workspace)
