"""What went into runs and came out, part by part: settings, and properties of outputs."""

from __future__ import annotations

from collections.abc import Container

from inspection.evidence.logged import RUN, settings_of_run
from inspection.history.history import History
from inspection.history.records import Artifact, Run, Step
from inspection.history.states import FAILED, OPEN, SKIPPED
from inspection.questions.executions.cache import flat, is_circumstance, part_name, source_of

_NOT_TOLD = ("tfx_version", "is_external", "run_id", "files_digest")


def parts_of(history: History, run: Run) -> dict[str, str]:
    """What went into a run, node by node: `Trainer: setting custom_config.training.seed`, …

    Circumstances are left out; of a cache hit it is what the execution behind it was given.
    """
    return {**logged_of(history, run), **settings_of(history, run), **results_of(history, run)}


def logged_of(
    history: History, run: Run, about: str = "", among: Container[int] | None = None
) -> dict[str, str]:
    """The part of `parts_of` that somebody logged about the run itself; arguments are those of
    `settings_of`, and only the run counts."""
    return {f"{RUN}: setting {name}": value for name, value in settings_of_run(run).items()}


def settings_of(
    history: History, run: Run, about: str = "", among: Container[int] | None = None
) -> dict[str, str]:
    """The part of `parts_of` that nodes were told.

    Args:
      history: where the run is.
      run: any run.
      about: a part of a setting's name in lower case, where others are not asked for.
      among: the ids of all executions that may have one, where that is known.
    """
    found: dict[str, str] = {}
    for step in history.last_steps_of(run.id):
        full = execution_behind(history, step)
        if among is not None and full.id not in among:
            continue
        for key, value in flat(full.properties, about).items():
            name = part_name(key)
            if not name.startswith("setting __") and not is_circumstance(name):
                found[f"{step.node}: {name}"] = value
    return found


def results_of(
    history: History, run: Run, about: str = "", among: Container[int] | None = None
) -> dict[str, str]:
    """The part of `parts_of` that came out of nodes; arguments are those of `settings_of`, but for
    `among`, which holds ids of artifacts."""
    found: dict[str, str] = {}
    for step in history.last_steps_of(run.id):
        full = execution_behind(history, step)
        if among is not None and not any(id in among for id in history.output_ids(full.id)):
            continue
        for name, value in output_properties(history, full, about, among).items():
            if not is_circumstance(name):
                found[f"{step.node}: {name}"] = value
    return found


def execution_behind(history: History, step: Step) -> Step:
    """The execution behind a cache hit, which has all properties recorded."""
    return (source_of(history, step) if step.state == "cached" else None) or step


def is_whole(step: Step) -> bool:
    """Whether all is recorded that a step was told and found: of one that was killed or failed, or
    of a cache hit on something unknown, what is not there may have been as before."""
    return step.state not in (*OPEN, *FAILED, "cached", SKIPPED)


def whole_nodes(history: History, run: Run) -> set[str]:
    """The nodes of a run of which all is recorded."""
    return {
        step.node
        for step in history.last_steps_of(run.id)
        if is_whole(execution_behind(history, step))
    }


def output_properties(
    history: History, step: Step, about: str = "", among: Container[int] | None = None
) -> dict[str, str]:
    """Without what is only a consequence: addresses, ids, verdicts, which the fate tells."""
    told = {
        artifact.id: {
            name: value
            for name, value in flat(artifact.properties, about).items()
            if name not in _NOT_TOLD and not name.endswith(("_id", "uri"))
        }
        for artifact in history.output_artifacts(step.id)
        if (among is None or artifact.id in among) and not _tells_fate(artifact)
    }
    if not any(told.values()):
        return {}
    return {
        f"{event.key} {name}": value
        for event in history.outputs(step.id)
        for name, value in told.get(event.artifact, {}).items()
    }


def _tells_fate(artifact: Artifact) -> bool:
    return artifact.type.endswith(("Blessing", "PushedModel", "ServingReport")) or (
        "digest" in artifact.properties
    )
