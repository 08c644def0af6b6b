"""What the driver and the executor both read before they decide."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from typing import Any, TypeVar

from tfx import types
from tfx.components.util import model_utils
from tfx.proto import pusher_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import path_utils, proto_utils

from components.baseline.choice import NONE, Choice
from components.pusher.decision import Verdict, Withdrawal
from components.subject import DIGEST_KEY, observe
from documents import reader
from documents.document import Document
from documents.evaluator_verdict import EvaluatorVerdict
from documents.reader import parse
from documents.serving_verdict import ServingVerdict
from documents.verdict import Verdict as JudgedVerdict
from serving.base_path import storage
from serving.base_path.ledger import read_ledger, withdrawal_of
from serving.base_path.state import list_withdrawn
from serving.base_path.versions import Version, live_version, undisturbed, version_digest

VALIDATORS = (
    ("Evaluator", standard_component_specs.MODEL_BLESSING_KEY, model_utils.is_model_blessed),
    ("ServingCheck", standard_component_specs.INFRA_BLESSING_KEY, model_utils.is_infra_validated),
)

KINDS: Mapping[str, type[JudgedVerdict]] = {
    "Evaluator": EvaluatorVerdict,
    "ServingCheck": ServingVerdict,
}

D = TypeVar("D", bound=Document)

Artifacts = Mapping[str, list[types.Artifact]]


class DocumentError(ValueError):
    """What a node left for the Pusher is damaged."""


def model_path(input_dict: Artifacts) -> str:
    """Folder of the candidate's SavedModel."""
    model = artifact_utils.get_single_instance(input_dict[standard_component_specs.MODEL_KEY])
    return path_utils.serving_model_path(model.uri)


def candidate_digest(input_dict: Artifacts) -> str:
    """Content digest of the candidate as it is.

    Raises:
      DamagedError: it is not what the Trainer wrote.
    """
    model = artifact_utils.get_single_instance(input_dict[standard_component_specs.MODEL_KEY])
    return observe(model).digest


def base_path(exec_properties: Mapping[str, Any]) -> str:
    """The base path of the push destination."""
    destination = pusher_pb2.PushDestination()
    proto_utils.json_to_proto(
        exec_properties[standard_component_specs.PUSH_DESTINATION_KEY], destination
    )
    folder: str = destination.filesystem.base_directory
    return folder


def custom_config(exec_properties: Mapping[str, Any]) -> dict[str, Any]:
    """The Pusher's `custom_config`; empty where none is given."""
    return json.loads(exec_properties.get("custom_config") or "null") or {}


def verdicts(input_dict: Artifacts) -> list[Verdict]:
    """What the validators that are wired said, the Evaluator first."""
    return [
        Verdict(
            validator,
            is_blessed(blessing),
            document(input_dict, key, KINDS[validator]),
            judged=blessing.get_string_custom_property(DIGEST_KEY),
        )
        for validator, key, is_blessed in VALIDATORS
        for blessing in input_dict.get(key, ())
    ]


def live_choice(base: str) -> tuple[Version | None, Choice]:
    """The live version, and the same by number and content."""

    def look() -> tuple[Version | None, Choice]:
        live = live_version(base)
        return live, choice_of(live)

    return undisturbed(look)


def choice_of(live: Version | None) -> Choice:
    """The live version by number and content, read now."""
    return Choice(live.number, version_digest(live)) if live else NONE


def withdrawal(base: str, digest: str) -> Withdrawal | None:
    """The last version withdrawn whose content has `digest`; None when there is none."""

    def look() -> Withdrawal | None:
        for version in reversed(list_withdrawn(base)):
            if version_digest(version) == digest:
                entry = withdrawal_of(read_ledger(base), version.number)
                return Withdrawal(version.number, base, entry.reason if entry else None)
        return None

    return undisturbed(look)


def restored_at(base: str, version: Version) -> str | None:
    """When a version was last restored; None when it never was."""
    times = [
        entry.time
        for entry in read_ledger(base)
        if entry.action == "restore" and entry.version == version.number
    ]
    return times[-1] if times else None


def document(input_dict: Artifacts, key: str, kind: type[D]) -> D | None:
    """The document in the folder of input `key`; None when either is missing.

    Raises:
      DocumentError: something else lies in its place. It is not taken for missing, because it says
        what may be pushed.
    """
    content = file_content(input_dict, key, kind.FILE)
    if content is None:
        return None
    try:
        return parse(kind, content)
    except reader.DamagedError as error:
        path = os.path.join(input_dict[key][0].uri, kind.FILE)
        raise DocumentError(f"{path} is damaged: it {error}; {kind.MEND}.") from error


def file_content(input_dict: Artifacts, key: str, name: str) -> bytes | None:
    """The file `name` in the folder of input `key`; None when either is missing."""
    for artifact in input_dict.get(key, ()):
        path = os.path.join(artifact.uri, name)
        with contextlib.suppress(FileNotFoundError), storage.reading(path) as file:
            return file.read(reader.LARGEST + 1)
    return None
