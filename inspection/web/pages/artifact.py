"""`/artifacts/a12`: one artifact, what is in its files, and its lineage."""

from __future__ import annotations

import shlex
from typing import Any

from documents.mistakes import Mistakes
from documents.serving_report import ServingReport
from documents.tuning import Tuning
from inspection.drawing.graph import lineage_graph
from inspection.evidence.anomalies import read_anomalies
from inspection.evidence.files import list_files
from inspection.evidence.quarantine import read_quarantine
from inspection.files.stored_file import StoredFile
from inspection.history.records import Artifact
from inspection.questions.fate.fate import fate_of_model
from inspection.questions.lineage import Reach, descendants, lineage
from inspection.questions.models import tuning
from inspection.questions.models.models import is_model
from inspection.questions.models.origin import origin_of_model
from inspection.questions.models.rebuild import rebuild_model
from inspection.questions.models.variants import variants_about, worst
from inspection.web.pages.page import Page
from inspection.web.source import Snapshot

MOST_EVENTS = 30
MOST_MODELS = 20
_EVENTS = "events.out.tfevents."


def page(snapshot: Snapshot, artifact: Artifact, reach: Reach) -> Page:
    history, workspace = snapshot.history, snapshot.workspace
    values: dict[str, Any] = {
        "artifact": artifact,
        "events": history.events_of(artifact.id),
        "producer": history.producer(artifact.id),
        "path": workspace.place(artifact.uri),
        "bytes": workspace.size(artifact.uri) if artifact.uri else None,
        "graph": lineage_graph(
            history, lineage(history, artifact, reach), word_of=snapshot.word_of
        ),
        "reach": reach,
        "fate": None,
        "origin": None,
        "rebuild": None,
        "mistakes": workspace.read(Mistakes, artifact.uri) if artifact.uri else None,
        "anomalies": None,
        "report": report_of(snapshot, artifact) is not None,
        "tensorboard": _tensorboard(snapshot, artifact),
        "tensorboard_url": snapshot.tensorboard,
        "most_events": MOST_EVENTS,
        "models": [],
        "tuning": None,
        "notes": snapshot.notes.of(artifact),
        "tags": snapshot.notes.tags(artifact),
        "standing": snapshot.standings.of(artifact),
    }
    if is_model(history, artifact):
        values["fate"] = fate_of_model(history, artifact, workspace, snapshot.standings)
        values["origin"] = origin_of_model(history, artifact, workspace)
        values["rebuild"] = rebuild_model(history, artifact, workspace)
    else:
        values["models"] = [
            (model, fate_of_model(history, model, workspace, snapshot.standings, evidence=False))
            for model in descendants(history, artifact.id)[::-1]
            if is_model(history, model)
        ][:MOST_MODELS]
    if artifact.type == "ExampleAnomalies":
        values["anomalies"] = read_anomalies(workspace, artifact.uri)
    values["quarantine"] = read_quarantine(workspace, artifact)
    values["variants"] = variants_about(history, workspace, artifact)
    values["worst"] = worst
    if artifact.type == tuning.TYPE:
        values["tuning"] = tuning.tuning_in(workspace, artifact)
    return Page("artifact.html.j2", f"{artifact.type} a{artifact.id}", values)


def report_of(snapshot: Snapshot, artifact: Artifact) -> StoredFile | None:
    """The page that a step left, of its serving check or its search; None where there is none."""
    pages = {"ServingReport": ServingReport.PAGE, tuning.TYPE: Tuning.PAGE}
    page = next((name for kind, name in pages.items() if artifact.type.endswith(kind)), None)
    files = snapshot.workspace.files(artifact.uri, page) if page else []
    return files[0] if files else None


def _tensorboard(snapshot: Snapshot, artifact: Artifact) -> str | None:
    """The command that shows the training's event files; None where there are none."""
    if artifact.type != "ModelRun":
        return None
    found = list_files(snapshot.workspace, artifact.uri)
    if found is None or not any(_EVENTS in each.path for each in found.files):
        return None
    return shlex.join(["tensorboard", "--logdir", str(snapshot.workspace.place(artifact.uri))])
