"""Settings that are mangled in every way, in the file and on the command line."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import yaml

import local_runner
from documents.shown import shown
from tests.documents.mangled import CONTENTS
from tests.faults.draws import draws
from tests.faults.fork import in_child
from tests.faults.trial import Budget, Trial, problem_of
from tests.settings_mangled import DOCUMENT, NO_ROOT, TABLE, VALUES, paths

name = "mangled settings"
share = 1.0


def missing() -> str | None:
    return None


def trials(budget: Budget) -> Iterator[Trial]:
    """No example starts a run: what is no mistake in the settings is one in --root."""
    for wrong, content in CONTENTS.items():
        yield _trial(budget, wrong, content)
    known = [(document, path) for document in (DOCUMENT, TABLE) for path in paths(document)]
    while not budget.is_spent:
        for value in draws(VALUES, 50, budget.dice.randrange(2**32)):
            if budget.is_spent:
                return
            document, path = budget.dice.choice(known)
            fault = f"{'.'.join(map(str, path))} = {value!r:.60}"
            if budget.dice.random() < 0.5:
                yield _trial(budget, fault, _with(document, path, value))
            else:
                key = ".".join(map(str, path))
                yield _trial(budget, f"--set {fault}", document, f"{key}={value}")


def _trial(budget: Budget, fault: str, content: bytes | Any, *overrides: str) -> Trial:
    config = budget.folder / "settings.yaml"
    if not isinstance(content, bytes):
        content = yaml.safe_dump(content).encode()
    config.write_bytes(content)
    given = [part for each in overrides for part in ("--set", each)]
    arguments = ["--config", str(config), "--root", NO_ROOT, *given]
    ended = in_child(lambda: local_runner.main(arguments))
    if ended.hung:
        return Trial(fault, "it hangs")
    problem = problem_of(ended.code, ended.shown, (2,))
    sentence = ended.shown.rstrip("\n")
    if problem is None and shown(sentence) != sentence and "usage:" not in sentence:
        problem = f"more than a sentence: {sentence[:200]!r}"
    return Trial(fault, problem)


def _with(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    document = copy.deepcopy(document)
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return document
