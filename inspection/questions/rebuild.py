"""Whether a model can be made again, from what, and how."""

from __future__ import annotations

import dataclasses
import json
import posixpath
import re
import shlex
from collections.abc import Mapping
from typing import Any

from documents.provenance import Provenance
from inspection.history import History
from inspection.questions.models import candidate_of
from inspection.questions.origin import (
    Origin,
    origin_of_model,
    origin_of_version,
    parse_object,
)
from inspection.records import Artifact
from inspection.workspace import Workspace

_TRAINED_FIGURES = ("steps", "examples_seen", "seconds", "final_loss", "eval_accuracy")
_PLAIN_CSV = {"delimiter": ",", "encoding": "utf-8", "quote": '"'}
"""Which other formats are told too, and do not take as a setting."""
_CODE_CHECK = (
    'python -c "from pipeline.code_hash import code_hash; '
    "print(code_hash('models.trainer', 'components.trainer.executor'))\""
)


@dataclasses.dataclass(frozen=True)
class RebuildAnswer:
    """What there is to make a model again, and what is missing."""

    origin: Origin
    command: str | None
    """For this project's local runner; None where another pipeline made the model."""
    pins: tuple[str, ...]
    """`package==version`, for pip."""
    code_check: str | None
    """Prints the code hash of the sources that are checked out; it must be the recorded one."""
    missing: tuple[str, ...]

    @property
    def headline(self) -> str:
        if not self.missing:
            return f"{self.origin.model} can be made again: {self.command}"
        count = len(self.missing)
        more = f" ({count - 1} more)" if count > 1 else ""
        return f"{self.origin.model} cannot be made again for sure: {self.missing[0]}{more}."


def rebuild_model(history: History, model: Artifact, workspace: Workspace) -> RebuildAnswer:
    """From the store, and the model's own record of its training where that is at hand."""
    origin = origin_of_model(history, model, workspace)
    trainer = history.producer(model.id)
    config = parse_object(trainer.properties.get("custom_config")) if trainer else {}
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
    return _answer(origin, overrides, ours="training" in config)


def rebuild_version(provenance: Provenance) -> RebuildAnswer:
    """From the provenance document in a published version alone."""
    training = provenance.training or {}
    settings = {key: value for key, value in training.items() if key not in _TRAINED_FIGURES}
    origin = origin_of_version(provenance)
    hub = provenance.hub.as_written() if provenance.hub else None
    return _answer(origin, _overrides(settings, hub), ours=bool(training))


def candidate_for(history: History, artifact: Artifact) -> Artifact:
    """The model behind a blessing or a pushed model; a model itself."""
    producer = history.producer(artifact.id)
    return (candidate_of(history, producer) if producer else None) or artifact


def rows_settings(found: Mapping[str, Any]) -> list[str]:
    """What ExampleGen was told of data of any format but IDX.

    What had to be reached does not make a model, and its record is the Evaluator's: the least of
    what settings demand stands in its place.
    """
    rows, declared = parse_object(found["rows"]), parse_object(found.get("declaration"))
    config = parse_object(found.get("input_config"))
    splits = config.get("splits") or [{}]
    place = posixpath.join(str(found.get("input_base", "")), str(splits[0].get("pattern", "")))
    options = {key: _given(value) for key, value in (rows.get("options") or {}).items()}
    if options.get("csv") == _PLAIN_CSV:
        del options["csv"]
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


def _answer(origin: Origin, overrides: list[str], *, ours: bool) -> RebuildAnswer:
    command = None
    if ours:
        settings = [part for override in overrides for part in ("--set", override)]
        command = shlex.join(["python", "local_runner.py", "--root", "rebuilt", *settings])
    return RebuildAnswer(
        origin=origin,
        command=command,
        pins=tuple(f"{name}=={version}" for name, version in sorted(origin.packages.items())),
        code_check=_CODE_CHECK if ours and origin.code_hash else None,
        missing=tuple(_missing(origin, command)),
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
    if origin.hub and not origin.hub.sha256 and re.match("https?:", origin.hub.handle):
        absent.append(f"Hub module {origin.hub.handle} is not pinned by a sha256")
    if command is None:
        absent.append("it was made by another pipeline, whose command is not recorded")
    return absent
