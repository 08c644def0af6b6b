"""Does what is pushed with the model say of it what the trained model's own description does?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from components.serving_check.checks.check import Check
from components.serving_check.options import Options
from documents.features import Features
from documents.reader import DamagedError, parse
from documents.saved_model import EXTRA

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "description"
_WHERE = f"{EXTRA}/{Features.FILE}"


def measure(served: Served) -> str | None:
    """What is wrong with the description in the SavedModel's folder, "" for nothing; None where
    neither it nor the model has one."""
    beside, labels = served.reference.described, served.reference.labels
    try:
        pushed = _read(served.candidate / EXTRA / Features.FILE)
    except DamagedError as error:
        return f"{_WHERE}, which {' '.join(str(error).split())[:200]}"
    for where, each in ((_WHERE, pushed), (f"{Features.FILE} beside the model", beside)):
        named = each.label.values if each else None
        if named is not None and labels and (problem := _another(named, labels)):
            return f"{where} with {problem}"
    if pushed is None or beside is None:
        return None if pushed is beside else ""
    one, other = (each.model_dump(mode="json") for each in (pushed, beside))
    for key in sorted({*one, *other}):
        # As texts, since what is not a number is not even equal to itself.
        if json.dumps(one.get(key), sort_keys=True) != json.dumps(other.get(key), sort_keys=True):
            return f"another {key!r} in {_WHERE} than in {Features.FILE} beside the model"
    return ""


def _read(file: Path) -> Features | None:
    """The description; None when there is none. Raises DamagedError when it is another thing."""
    return parse(Features, file.read_bytes()) if file.is_file() else None


def _another(named: Sequence[str], labels: Sequence[str]) -> str | None:
    """How two lists of labels differ."""
    for place, (name, label) in enumerate(zip(named, labels, strict=False)):
        if name != label:
            return f"label {place} called {name!r} instead of {label!r}"
    return None if len(named) == len(labels) else f"{len(named)} labels instead of {len(labels)}"


def judge(found: str | None, options: Options) -> list[Check]:
    """Passes when clients that go by the description ask and read what the model means."""
    if found is None:
        return []
    return [
        Check(
            NAME,
            ok=not found,
            expected=f"{_WHERE} to describe the trained model, if there is one",
            found=found or "what the trained model takes and answers",
        )
    ]
