"""Whether a model can be made again, from what, and how; and what differs here."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import posixpath
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from documents.provenance import Provenance
from documents.run_record import RunRecord
from documents.workspace import Workspace as Layout
from inspection.answer import Answer
from inspection.files.workspace import Workspace
from inspection.history.history import History
from inspection.history.json_value import json_object
from inspection.history.records import Artifact
from inspection.questions.models.origin import (
    Origin,
    origin_of_model,
    origin_of_version,
)

SETTINGS_FILE = "rebuilt.yaml"
_PLACES = ("pipeline_root", "push", "metadata")
"""Settings of where a run writes."""
_ROOT = "rebuilt"
_TRAINED_FIGURES = ("steps", "examples_seen", "seconds", "final_loss", "eval_accuracy")
_OF_CSV = ("csv", "manifest", "pixels")
"""Other formats are told how CSV is written too, and do not take it as a setting."""
# The nodes are not imported: they belong to the pipeline, and inspection only looks at it.
_HASH = (
    "from pipeline.code.hash import code_hash; "
    "print(code_hash('models.trainer', 'components.trainer.executor'))"
)
_SOURCES = Path(__file__).parents[3]
_HASH_SECONDS = 30


@dataclasses.dataclass(frozen=True)
class RebuildAnswer(Answer):
    """What there is to make a model again, and what is missing."""

    origin: Origin
    settings: Mapping[str, Any]
    """What the run was told, as a settings file has it, but for where it wrote; empty where that
    was not recorded."""
    commit: str | None
    """Of the sources, then `+` where they were changed since."""
    command: str | None
    """For this project's local runner; None where another pipeline made the model."""
    pins: tuple[str, ...]
    """`package==version`, for pip."""
    code_check: str | None
    """Prints the code hash of the sources that are checked out; it must be the recorded one."""
    missing: tuple[str, ...]
    """What was not recorded."""
    differs: tuple[str, ...] = ()
    """What is not here as it was there; empty, too, where nobody compared."""

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        problems = (*self.missing, *self.differs)
        if not problems:
            return f"{self.origin.model} can be made again: {self.command}"
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        if self.missing:
            return f"{self.origin.model} cannot be made again for sure: {self.missing[0]}{more}."
        return f"{self.origin.model} would not be made again here: {self.differs[0]}{more}."


def rebuild_model(history: History, model: Artifact, workspace: Workspace) -> RebuildAnswer:
    """From the store, and the model's own record of its training where that is at hand."""
    origin = origin_of_model(history, model, workspace)
    trainer = history.producer(model.id)
    config = json_object(trainer.properties.get("custom_config")) if trainer else {}
    run = history.runs.get(trainer.run) if trainer and trainer.run is not None else None
    record = RunRecord.of(run.properties) if run else RunRecord()
    overrides = _overrides(config.get("training"), config.get("hub"))
    for data in origin.data:
        maker = history.producer(data.artifact) if data.artifact is not None else None
        found = maker.properties if maker else {}
        for key in ("eval_examples", "shards"):
            if key in found:
                overrides.append(f"data.{key}={found[key]}")
        if "rows" in found:
            overrides += rows_settings(found)
            overrides += ["hub=null"] if not config.get("hub") else []
        elif found.get("input_base"):
            overrides.append(f"data.folder={found['input_base']}")
    where = [] if _is_usual(history) else ["--store", str(history.path or history.address)]
    return _answer(
        origin, record, overrides, ours="training" in config, named=[origin.model, *where]
    )


def _is_usual(history: History) -> bool:
    """Whether the store is the one that commands ask when they are not told another."""
    usual = Layout(Path("workspace")).metadata
    return history.path is not None and history.path.absolute() == usual.absolute()


def rebuild_version(provenance: Provenance) -> RebuildAnswer:
    """From the provenance document in a published version alone."""
    training = provenance.training or {}
    settings = {key: value for key, value in training.items() if key not in _TRAINED_FIGURES}
    origin = origin_of_version(provenance)
    hub = provenance.hub.as_written() if provenance.hub else None
    overrides = _overrides(settings, hub)
    return _answer(origin, RunRecord(), overrides, ours=bool(training), named=[])


def compared(answer: RebuildAnswer, sources: Path = _SOURCES) -> RebuildAnswer:
    """The answer with what differs between what made the model and what is here.

    Args:
      answer: as the other functions give it.
      sources: of this project, whose code hash is computed, which takes a part of a second.
    """
    return dataclasses.replace(answer, differs=tuple(_differences(answer, sources)))


def _differences(answer: RebuildAnswer, sources: Path) -> list[str]:
    found = []
    recorded = answer.origin.code_hash
    if answer.code_check and recorded:
        here = _hash_of(sources)
        back = f"; `git checkout {answer.commit.rstrip('+')}`" if answer.commit else ""
        if here is None:
            found.append("the code hash of the sources here could not be computed")
        elif here != recorded:
            found.append(
                f"the code that trains is not what made it (hash {here[:12]} here, "
                f"{recorded[:12]} then{back})"
            )
            if answer.commit and answer.commit.endswith("+"):
                found.append("the sources then had changes that were not committed")
    for name, version in sorted(answer.origin.packages.items()):
        installed = _installed(name)
        if installed != version:
            found.append(f"{name} is {installed or 'missing'} here, {version} then")
    return found


def _hash_of(sources: Path) -> str | None:
    try:
        ran = subprocess.run(
            [sys.executable, "-c", _HASH],
            cwd=sources,
            capture_output=True,
            text=True,
            timeout=_HASH_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return ran.stdout.strip() if ran.returncode == 0 else None


def _installed(name: str) -> str | None:
    if name == "python":
        return ".".join(map(str, sys.version_info[:3]))
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def rows_settings(found: Mapping[str, Any]) -> list[str]:
    """What ExampleGen was told of data of any format but IDX.

    What had to be reached does not make a model, and its record is the Evaluator's: the least of
    what settings demand stands in its place.
    """
    rows, declared = json_object(found["rows"]), json_object(found.get("declaration"))
    config = json_object(found.get("input_config"))
    splits = config.get("splits") or [{}]
    place = posixpath.join(str(found.get("input_base", "")), str(splits[0].get("pattern", "")))
    options = {key: _given(value) for key, value in (rows.get("options") or {}).items()}
    if rows.get("format") not in _OF_CSV:
        options.pop("csv", None)
    data = {"format": rows.get("format"), "files": place, "shards": rows.get("shards"), **options}
    label = _given(declared.get("label") or {})
    features = {name: _given(kind) for name, kind in (declared.get("features") or {}).items()}
    is_number = label.get("kind") == "number"
    metric = "MeanSquaredError" if is_number else "SparseCategoricalAccuracy"
    least = {"max": 1e30} if is_number else {"min": 0.0}
    parts = {
        "name": "rebuilt",
        "features": features,
        "label": label,
        "data": _given(data),
        "evaluation": {"metrics": [{"metric": metric, "overall": least}]},
    }
    return [f"{key}={json.dumps(part, ensure_ascii=False)}" for key, part in parts.items()]


def _given(value: Any) -> Any:
    """A group of settings without those that say nothing."""
    if not isinstance(value, dict):
        return value
    return {key: part for key, part in value.items() if part is not None or key == "quote"}


def _without_places(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without the places that a run writes to: all is made anew in a ROOT of its own.

    Else it would push to the base path that is served from, and find its pipeline root in use.
    """
    return {key: value for key, value in settings.items() if key not in _PLACES}


def _overrides(training: Any, hub: Any) -> list[str]:
    found = []
    for section, values in (("training", training), ("hub", hub)):
        for key, value in (values or {}).items() if isinstance(values, dict) else ():
            found.append(f"{section}.{key}={_yaml(value)}")
    return found


def _yaml(value: Any) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _answer(
    origin: Origin, record: RunRecord, overrides: list[str], *, ours: bool, named: list[str]
) -> RebuildAnswer:
    command = None
    if ours and record.settings:
        # One file holds all of it: thresholds and what the serving check asks for, too.
        write = shlex.join(
            ["python", "-m", "inspection", "rebuild", *named, "--settings", SETTINGS_FILE]
        )
        run = ["python", "local_runner.py", "--config", SETTINGS_FILE, "--root", _ROOT]
        command = f"{write} && {shlex.join(run)}"
    elif ours:
        settings = [part for override in overrides for part in ("--set", override)]
        command = shlex.join(["python", "local_runner.py", "--root", _ROOT, *settings])
    missing = _missing(origin, command)
    if ours and not record.settings:
        missing.append(
            "its run did not record all settings; the command has those of training and data, and "
            "none of thresholds or the serving check"
        )
    return RebuildAnswer(
        origin=origin,
        settings=_without_places(record.settings),
        commit=record.commit,
        command=command,
        pins=tuple(f"{name}=={version}" for name, version in sorted(origin.packages.items())),
        code_check=f'python -c "{_HASH}"' if ours and origin.code_hash else None,
        missing=tuple(missing),
    )


def _missing(origin: Origin, command: str | None) -> list[str]:
    absent = []
    if not origin.data:
        absent.append("nothing is recorded about its data")
    for data in origin.data:
        if not data.fingerprint:
            absent.append(f"its data ({data.title}) has no fingerprint")
        if not data.source:
            absent.append("where its data came from is not recorded")
    if not origin.code_hash:
        absent.append("no hash of the code that made it is recorded")
    if not origin.packages:
        absent.append("the versions of the libraries are not recorded")
    for module in (origin.hub, *origin.modules.values()):
        if module and not module.sha256 and re.match("https?:", module.handle):
            absent.append(f"Hub module {module.handle} is not pinned by a sha256")
    if command is None:
        absent.append("it was made by another pipeline, whose command is not recorded")
    return absent
