"""kill -9 before every single change of the file system that a change of a base path makes."""

from __future__ import annotations

import dataclasses
import functools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from documents.variants import Variants
from documents.writer import write
from serving.__main__ import main
from serving.base_path import exports
from serving.base_path.changes import ChangeError
from serving.base_path.content import PROVENANCE, content_digest
from serving.base_path.errors import BasePathError
from serving.base_path.state import list_withdrawn
from serving.base_path.versions import WITHDRAWN, list_versions, publish
from serving.base_path.withdrawal import withdraw
from tests.faults.fork import in_child
from tests.faults.soundness import unrecorded, unsound
from tests.faults.trial import Budget, Trial, problem_of
from tests.serving.base_path.written import make_model

name = "kills in changes of a base path"
share = 2.0


@dataclasses.dataclass(frozen=True)
class _Change:
    """A change, and what brings a base path that was killed in its midst to the same end."""

    act: Callable[[Path, Path], int]
    """Of base path and model."""


def _command(*arguments: str) -> _Change:
    return _Change(lambda base, model: main([*arguments, "--base-path", str(base)]))


def _publish(base: Path, model: Path) -> int:
    try:
        publish(model, base, extra_files={PROVENANCE: b'{"format": 1}'})
    except (BasePathError, ChangeError) as error:
        print(error)
        return 1
    return 0


CHANGES = {
    "publish": _Change(_publish),
    "rollback": _command("rollback", "--reason", "bad"),
    "withdraw": _command("withdraw", "2", "--reason", "bad"),
    "restore": _command("restore", "4"),
    "prune": _command("prune", "--keep", "1", "--withdrawn", "--leftovers", "0"),
}


def missing() -> str | None:
    return None


def trials(budget: Budget) -> Iterator[Trial]:
    """Every event of every change; the order of the changes is drawn."""
    model = make_model(budget.folder / "model")
    pristine = budget.folder / "pristine"
    for number in (1, 2, 3, 4):
        publish(model, pristine, version=number, extra_files={PROVENANCE: b'{"format": 1}'})
    for number in (1, 2, 3, 4):
        folder = budget.folder / "exports" / str(number)
        folder.mkdir(parents=True)
        write(Variants(model="m", version=number), str(folder / Variants.FILE))
    exports.note(str(pristine), str(budget.folder / "exports"))
    withdraw(pristine, 4, reason="bad")
    shutil.copytree(budget.folder / "exports", budget.folder / "pristine exports")
    contents = {content_digest(model)}
    for kind in budget.dice.sample(sorted(CHANGES), len(CHANGES)):
        event = 0
        while not budget.is_spent:
            event += 1
            base = budget.folder / "base"
            shutil.copytree(pristine, base)
            shutil.rmtree(budget.folder / "exports")
            shutil.copytree(budget.folder / "pristine exports", budget.folder / "exports")
            change = CHANGES[kind]
            ended = in_child(functools.partial(change.act, base, model), event)
            if not ended.was_killed:
                problem = problem_of(ended.code, ended.shown, (0,))
                yield Trial(f"{kind}, not killed", problem)
                shutil.rmtree(base)
                break
            problem = unsound(base, contents) or _goes_on(base, model, change, contents)
            yield Trial(f"{kind} killed before event {event}", problem)
            shutil.rmtree(base)


def _goes_on(base: Path, model: Path, change: _Change, contents: set[str]) -> str | None:
    """The next look and the same change again must do, or say that it was done already."""
    look = in_child(lambda: main(["versions", "--verify", "--base-path", str(base)]))
    again = in_child(lambda: change.act(base, model))
    return (
        problem_of(look.code, look.shown, (0,))
        or problem_of(again.code, again.shown, (0, 1))
        or unsound(base, contents)
        or unrecorded(base)
        or _strayed(base)
    )


def _strayed(base: Path) -> str | None:
    """Variants that are not where their version is."""
    offered = {version.number for version in list_versions(base)}
    withdrawn = {version.number for version in list_withdrawn(base)}
    for number in (offered | withdrawn) & {1, 2, 3, 4}:
        name = str(number) if number in offered else f"{WITHDRAWN}{number}"
        if not (base.parent / "exports" / name).is_dir():
            return f"the variants of version {number} are not in {name}"
    return None
