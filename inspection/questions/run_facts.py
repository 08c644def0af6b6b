"""Everything about a run that has a name, to filter and sort by: settings, metrics."""

from __future__ import annotations

import functools
from collections.abc import Mapping

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
        self._found: dict[int, Mapping[str, str | float]] = {}

    def __call__(self, run: Run) -> Mapping[str, str | float]:
        found = self._found.get(run.id)
        if found is None:
            found = self._found[run.id] = dict(self._of(run))
        return found

    def _of(self, run: Run) -> Mapping[str, str | float]:
        facts: dict[str, str | float] = {
            name.replace(f": {SETTING}", ".", 1).replace(": ", ".", 1): value
            for name, value in parts_of(self._history, run).items()
        }
        if self._workspace:
            for (metric, slice), each in metrics_of(self._history, self._workspace, run).items():
                facts[metric if slice == OVERALL else f"{metric} on {slice}"] = each.value
        return facts


@functools.lru_cache(maxsize=2)
def run_facts(history: History, workspace: Workspace | None) -> RunFacts:
    """Those of a store, as long as it is the same."""
    return RunFacts(history, workspace)
