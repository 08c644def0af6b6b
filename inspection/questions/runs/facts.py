"""Everything about a run that has a name, to filter and sort by: settings, metrics."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from documents.slice import OVERALL
from inspection.files.presence import Glance
from inspection.files.workspace import Workspace
from inspection.history.events import Side
from inspection.history.history import MANY, History
from inspection.history.records import Run
from inspection.questions.executions.parts import logged_of, results_of, settings_of
from inspection.questions.models.evaluations import measuring
from inspection.questions.runs.compared import metrics_of

SETTING = "setting "
_TOLD_OTHERWISE = ("code", "examples")
"""`code` stands for a `code_hash`, and `your examples` for a digest."""


class RunFacts:
    """Facts by their names, each run's looked up once."""

    def __init__(self, history: History, workspace: Workspace | None) -> None:
        """Looks at nothing yet."""
        self._history = history
        self._many = len(history.runs) > MANY
        self._workspace = Glance(workspace) if workspace and self._many else workspace
        self._parts: dict[tuple[int, Side | None, str], Mapping[str, str | float]] = {}
        self._named: dict[str, Mapping[Side, Collection[int]] | None] = {}
        self._metrics: dict[int, Mapping[str, str | float]] = {}

    def __call__(self, run: Run, name: str) -> Iterator[Mapping[str, str | float]]:
        """Settings, then what came out, then metrics, for which files have to be read.

        Those that cannot be called `name` are left out.
        """
        about = _last_part(name)
        for kind, side in _KINDS:
            key = run.id, side, about
            if key not in self._parts:
                among = self._that_may_name(about) if side else None
                ids = among[side] if among and side else None
                nobody = ids is not None and not ids
                parts = {} if nobody else kind(self._history, run, about, ids)
                self._parts[key] = {
                    part.replace(f": {SETTING}", ".", 1).replace(": ", ".", 1): value
                    for part, value in parts.items()
                }
            yield self._parts[key]
            if self._many:
                self._history.expect_many()
        if run.id not in self._metrics:
            those = measuring(self._history) if self._many else None
            files = self._workspace
            found = metrics_of(self._history, files, run, those) if files else {}
            self._metrics[run.id] = {
                metric if slice == OVERALL else f"{metric} on {slice}": each.value
                for (metric, slice), each in found.items()
            }
        yield self._metrics[run.id]

    def _that_may_name(self, about: str) -> Mapping[Side, Collection[int]] | None:
        if about not in self._named:
            self._named[about] = self._history.that_may_name(about) if about else None
        return self._named[about]


_KINDS: Sequence[tuple[Callable[..., Mapping[str, str]], Side | None]] = (
    (logged_of, None),
    (settings_of, "step"),
    (results_of, "artifact"),
)


def _last_part(name: str) -> str:
    """What the key of a fact of that name holds for sure; empty where it may be told otherwise."""
    part = re.split(r"[.: ]", name.lower())[-1].partition("[")[0]
    return "" if part in _TOLD_OTHERWISE else part


@functools.lru_cache(maxsize=2)
def run_facts(history: History, workspace: Workspace | None) -> RunFacts:
    """Those of a store, as long as it is the same."""
    return RunFacts(history, workspace)
