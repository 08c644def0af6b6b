"""What validators said about a model, and why: of this project's, and of TFX's own."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence

from inspection.evidence.anomalies import read_anomalies
from inspection.evidence.validations import read_validations
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.json_value import json_object
from inspection.history.records import Artifact, Step, Value

BLESSINGS = ("ModelBlessing", "InfraBlessing")
ANOMALIES = "ExampleAnomalies"
_LONGEST_REASON = 300
_INFRA_FAILED = re.compile(r"Infra validation \(attempt \d+/\d+\) failed\.")
_ERROR = re.compile(r"^(?:[\w.]+\.)?(\w*(?:Error|Exception|Exceeded|Failed)): (.*)$", re.MULTILINE)
_LARGEST_LOG = 2_000_000


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What one validator said."""

    node: str
    step: int
    artifact: int
    blessed: bool
    reason: str | None
    decides: bool = True
    """Whether a Pusher asks for it. TFX's own does not ask what ExampleValidator found."""

    @property
    def without_reason(self) -> str:
        """What is said where a refusal tells nothing else, a sentence."""
        return f"{self.node} did not bless the model and left no reason."


def read_verdicts(
    history: History,
    about: Sequence[Step],
    steps: Sequence[Step],
    workspace: Workspace | None,
) -> tuple[Verdict, ...]:
    """The verdicts of one run.

    Args:
      history: names the artifacts.
      about: the steps that judged the model.
      steps: all steps of the run, among them those that judged its data.
      workspace: holds the files that say why; None to take what the store says.
    """
    return (*_of_data(history, steps, workspace), *_of_model(history, about, workspace))


def _of_model(
    history: History, about: Sequence[Step], workspace: Workspace | None
) -> Iterator[Verdict]:
    for step in about:
        outputs = {each.type: each for each in history.output_artifacts(step.id)}
        for kind in BLESSINGS:
            found = outputs.get(kind)
            if found is None or found.properties.get("blessed") is None:
                continue  # A blessing that says nothing: TFX had no thresholds.
            blessed = found.properties["blessed"] == 1
            reason = found.properties.get("reason") or found.properties.get("error")
            told = str(reason) if reason else None
            if not blessed and told is None:
                read = _evaluated if kind == "ModelBlessing" else _served
                told = read(history, step, outputs, workspace)
            yield Verdict(step.node, step.id, found.id, blessed, told)


def _of_data(
    history: History, steps: Sequence[Step], workspace: Workspace | None
) -> Iterator[Verdict]:
    for step in steps:
        for found in history.outputs_like(step.id, _is_anomalies):
            refused = _refused_splits(found.properties.get("blessed"))
            if refused:
                reason = _anomalies(step, found, refused, workspace)
                yield Verdict(step.node, step.id, found.id, False, reason, decides=False)


def _is_anomalies(artifact: Artifact) -> bool:
    return artifact.type == ANOMALIES


def _refused_splits(blessed: Value | None) -> list[str]:
    """TFX records a number for each split, 1 where nothing is wrong."""
    return [split for split, value in json_object(blessed).items() if value == 0]


def _anomalies(
    step: Step, found: Artifact, splits: Sequence[str], workspace: Workspace | None
) -> str:
    texts = [
        f"{each.feature} in split {split.split}: {each.short or each.description}".rstrip(".")
        for split in (read_anomalies(workspace, found.uri) if workspace else ())
        if split.split in splits
        for each in split.found
    ]
    if not texts:
        return f"{step.node} found anomalies in split {', '.join(splits)}."
    more = f"; {len(texts) - 1} more" if len(texts) > 1 else ""
    return f"{step.node}: {texts[0]}{more}."


def _evaluated(
    history: History, step: Step, outputs: Mapping[str, Artifact], workspace: Workspace | None
) -> str | None:
    evaluation = outputs.get("ModelEvaluation")
    if workspace is None or evaluation is None:
        return None
    found = read_validations(workspace, evaluation.uri)
    return f"{step.node}: {found.reason}" if found and found.reason else None


def _served(
    history: History, step: Step, outputs: Mapping[str, Artifact], workspace: Workspace | None
) -> str | None:
    """InfraValidator leaves its reasons in the log only; how it asked is in its properties."""
    validation = json_object(step.properties.get("validation_spec"))
    serving = json_object(step.properties.get("serving_spec"))
    tries = validation.get("num_tries") or validation.get("numTries")
    seconds = validation.get("max_loading_time_seconds") or validation.get("maxLoadingTimeSeconds")
    how = [
        f"{tries} tries" if tries else "",
        f"{seconds} s to load" if seconds else "",
        f"model {serving['model_name']}" if serving.get("model_name") else "",
    ]
    told = ", ".join(part for part in how if part)
    error = _logged(history, step, workspace)
    asked = f" ({told})" if told else ""
    if error:
        return f"{step.node}: the model server did not take the model{asked}: {error}."
    return (
        f"{step.node}: the model server did not take the model{asked}; "
        "why is only in the log of the run."
    )


def _logged(history: History, step: Step, workspace: Workspace | None) -> str | None:
    run = history.runs.get(step.run) if step.run is not None else None
    path = workspace.log(run.name) if workspace and run else None
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST_LOG).decode("utf-8", "replace")
    except OSError:
        return None
    failed = list(_INFRA_FAILED.finditer(text))
    error = _ERROR.search(text, failed[-1].end()) if failed else None
    return f"{error[1]}: {error[2]}"[:_LONGEST_REASON].rstrip(". ") if error else None
