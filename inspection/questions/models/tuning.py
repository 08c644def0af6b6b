"""Which settings a search tried, and what came of them."""

from __future__ import annotations

import dataclasses

from documents.tuning import Trial, Tuning
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.records import Artifact, Run
from inspection.questions.models.last_made import last_made

TYPE = "TunerResults"


@dataclasses.dataclass(frozen=True)
class TuningAnswer:
    """What one search found."""

    artifact: int | None
    """The artifact that holds it; None where there is none."""
    document: Tuning | None

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        if self.artifact is None:
            return (
                "No search for settings was ever finished: `python local_runner.py tune` makes one;"
                " see docs/tune.md."
            )
        if self.document is None:
            return (
                f"The file of the search a{self.artifact} is gone or damaged, or lies in a"
                " folder or bucket that has to be named with --root."
            )
        return self.document.headline

    @property
    def ranked(self) -> tuple[Trial, ...]:
        """The best trial first; what was stopped or failed behind those that came to their end."""
        found = self.document
        if found is None:
            return ()
        sign = -1 if found.higher_is_better else 1

        def key(trial: Trial) -> tuple[bool, bool, float, int]:
            value = 0.0 if trial.value is None else sign * trial.value
            return trial.state != "done", trial.value is None, value, trial.number

        return tuple(sorted(found.trials, key=key))


def tuning_of(history: History, workspace: Workspace, run: Run | None) -> TuningAnswer:
    """The search that a run made or took from the cache, or the last one."""
    found = last_made(history, TYPE, run)
    return tuning_in(workspace, found) if found else TuningAnswer(None, None)


def tuning_in(workspace: Workspace, artifact: Artifact) -> TuningAnswer:
    """The search whose results an artifact holds."""
    return TuningAnswer(artifact.id, workspace.read(Tuning, artifact.uri))
