"""Why something is as it is, whatever it is: a model, a step, a run."""

from __future__ import annotations

from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.ids import Record
from inspection.history.records import Run, Step
from inspection.history.states import FAILED, SUCCESSFUL
from inspection.questions.executions.cache import CacheAnswer, why_cached
from inspection.questions.executions.execution import ExecutionAnswer, of_its_own
from inspection.questions.executions.failure import FailureAnswer, why_failed
from inspection.questions.fate.fate import Fate, fate_of_model, fate_of_run
from inspection.questions.fate.standing import Standings
from inspection.questions.models.models import model_of

WhyAnswer = Fate | CacheAnswer | FailureAnswer | ExecutionAnswer


def why(history: History, record: Record, workspace: Workspace, standings: Standings) -> WhyAnswer:
    """Why a model was refused or pushed, a step (not) cached, or a run failed.

    A step that is under way is asked about as its run is.

    Raises:
      UnknownIdError: an artifact is about no model.
    """
    if isinstance(record, Step):
        if record.state in SUCCESSFUL:
            return why_cached(history, record)
        alone = of_its_own(record)
        if alone or record.run is None:
            return alone or ExecutionAnswer(record.id, record.node, record.state, None)
        run = history.runs[record.run]
        if record.state in FAILED:
            return why_failed(history, run, workspace, record)
        record = run
    if isinstance(record, Run):
        fate = fate_of_run(history, record, workspace, standings)
        return why_failed(history, record, workspace) if fate.has_failed else fate
    return fate_of_model(history, model_of(history, record), workspace, standings)
