"""The newest artifact of a type, of a run or of the whole store."""

from __future__ import annotations

from inspection.history.history import History
from inspection.history.records import Artifact, Run


def last_made(history: History, type: str, run: Run | None) -> Artifact | None:
    """What a run made or took from the cache, or what was made last; None where there is none.

    Args:
      history: where to look.
      type: of the artifact.
      run: whose; None for any.
    """
    if run is None:
        ids = history.ids_of_type(type)
        return history.artifacts[ids[-1]] if ids else None
    found = [
        artifact
        for step in history.last_steps_of(run.id)
        for artifact in history.output_artifacts(step.id)
        if artifact.type == type
    ]
    return found[-1] if found else None
