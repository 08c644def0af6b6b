"""Every key of the compiled file: taken away, renamed, given another type, moved. Each is found, or
stands in a table that says why no server minds."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pipeline.kubeflow.validation.documents import DocumentsError

pytestmark = [pytest.mark.slow, pytest.mark.extended]
Path = tuple[str | int, ...]

EXECUTOR = r"0\.deploymentSpec\.executors\.\*\.container"
POD = r"1\.platforms\.kubernetes\.deploymentSpec\.executors\.\*"
TASK = r"0\.root\.dag\.tasks\.\*"
OUTPUTS = r"0\.components\.\*\.outputDefinitions(\.artifacts(\.\*)?)?"
NOBODY_TAKES = "only the executor knows what it writes that no task takes; a dry run executes it"
HARMLESS = {
    # Without it
    "delete": {
        rf"{TASK}\.cachingOptions(\.enableCache)?": "a task is not cached then",
        rf"{TASK}\.dependentTasks": "who takes from others comes after them anyway",
        rf"{TASK}\.retryPolicy(\.maxRetryCount|\.backoffFactor|\.backoffDuration)?": (
            "fewer retries, or none, or at once"
        ),
        rf"{EXECUTOR}\.env": "the image has the same PYTHONPATH",
        rf"{EXECUTOR}\.env\[\]\.value": "a variable may be empty",
        rf"{EXECUTOR}\.resources(\.\w+)?": "a step gets what the cluster gives",
        rf"{POD}(\.\w+)?": "a step asks for less",
        rf"{POD}\.tolerations\[\]\.(effect|value)": "a toleration then fits more taints",
        rf"{POD}\.tolerations\[\]\.operator": "Equal is what a toleration has then",
        rf"{POD}\.securityContext\.runAsUser": "the user of the image",
        OUTPUTS: NOBODY_TAKES,
        r"1\.platforms\.kubernetes\.deploymentSpec(\.executors)?": "no step asks for anything",
    },
    # Under another name
    "rename": {
        OUTPUTS: NOBODY_TAKES,
        TASK: "a task may have another name, as long as nobody takes from it",
        rf"{POD}\.nodeSelector\.labels\.\*": "machines may have any label",
    },
    # One level up
    "move": {},
    # Of another type
    "retype": {
        rf"{TASK}\.inputs\.parameters\.\*\.runtimeValue\.constant": "a mapping may be a constant",
    },
}


def _below(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every key of a mapping, with what it holds."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key), inner
            yield from _below(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _below(inner, (*path, number))


MAPS = ("tasks", "components", "executors", "parameters", "artifacts", "labels")


def _kind(path: Path) -> str:
    shown = ""
    for at, key in enumerate(path):
        if isinstance(key, int):
            shown += "[]" if at else str(key)
        else:
            shown += ".*" if path[at - 1] in MAPS else f".{key}"
    return shown


def _delete(holder: Any, key: str, above: Any) -> None:
    del holder[key]


def _rename(holder: Any, key: str, above: Any) -> None:
    holder[f"{key}X"] = holder.pop(key)


def _retype(holder: Any, key: str, above: Any) -> None:
    holder[key] = {"a": 1} if not isinstance(holder[key], dict) else "a"


def _move(holder: Any, key: str, above: Any) -> None:
    above[key] = holder.pop(key)


EDITS: dict[str, Callable[[Any, str, Any], None]] = {
    "delete": _delete,
    "rename": _rename,
    "retype": _retype,
    "move": _move,
}


@pytest.mark.parametrize("edit", EDITS)
def test_every_change_of_a_key_is_found_or_harmless(oss_documents, findings_of, edit):
    by_kind: dict[str, list[Path]] = {}
    for path, _ in _below(oss_documents):
        by_kind.setdefault(_kind(path), []).append(path)
    assert len(by_kind) > 80
    missed, used = [], set()
    for kind, paths in by_kind.items():
        # Two of each kind: one in between and the last.
        for path in {paths[len(paths) // 2], paths[-1]}:
            documents = copy.deepcopy(oss_documents)
            above: Any = None
            holder: Any = documents
            for key in path[:-1]:
                above, holder = (holder if isinstance(holder, dict) else above), holder[key]
            if edit == "move" and (above is None or path[-1] in above):
                continue
            EDITS[edit](holder, str(path[-1]), above)
            try:
                found = findings_of(documents)
            except DocumentsError:
                continue
            excused = [form for form in HARMLESS[edit] if re.fullmatch(form, kind)]
            used.update(excused)
            if not found and not excused:
                missed.append((kind, path))
    assert "\n".join(map(str, missed)) == ""
    assert sorted(set(HARMLESS[edit]) - used) == []
