"""Documents that are mangled in every way, below every command on a base path."""

from __future__ import annotations

import functools
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from serving.__main__ import main
from serving.base_path.content import PROVENANCE, content_digest
from serving.base_path.journal import JOURNAL
from serving.base_path.ledger import LEDGER
from serving.base_path.versions import publish
from serving.base_path.withdrawal import withdraw
from tests.documents.mangled import CONTENTS, KINDS, mangle
from tests.faults.draws import draws
from tests.faults.fork import in_child
from tests.faults.soundness import unsound
from tests.faults.trial import Budget, Trial, problem_of
from tests.serving.base_path.written import make_model

name = "mangled documents"
share = 1.5

PROVENANCE_TEXT = b'{"format": 1, "version": 3, "baseline": {"version": 2, "digest": "sha256:aa"}}'
LEDGER_TEXT = b'{"time": "2026-01-01T00:00:00+00:00", "action": "withdraw", "version": 4}'
PLACES = {
    f"3/{PROVENANCE}": PROVENANCE_TEXT,
    f".withdrawn-4/{PROVENANCE}": PROVENANCE_TEXT,
    LEDGER: LEDGER_TEXT,
    JOURNAL: LEDGER_TEXT,
}
LOOKS = (["versions"], ["versions", "--verify"], ["versions", "--json"])
CHANGES = (
    ["rollback", "--reason", "x"],
    ["withdraw", "3", "--reason", "x"],
    ["restore", "4"],
    ["prune", "--keep", "1", "--withdrawn"],
)


def missing() -> str | None:
    return None


def trials(budget: Budget) -> Iterator[Trial]:
    model = make_model(budget.folder / "model")
    pristine = budget.folder / "pristine"
    for number in (1, 2, 3, 4):
        publish(model, pristine, version=number, extra_files={PROVENANCE: PROVENANCE_TEXT})
    withdraw(pristine, 4, reason="bad")
    contents = {content_digest(model)}
    for place, wrong, make in _damages(budget.dice):
        if budget.is_spent:
            return
        base = budget.folder / "base"
        shutil.copytree(pristine, base, symlinks=True)
        (base / place).unlink(missing_ok=True)
        make(base / place)
        # A folder beside the model's files is content; then the version is not what was published.
        is_content = (base / place).is_dir() and place.startswith(("3/", ".withdrawn"))
        commands = [budget.dice.choice(LOOKS), budget.dice.choice(CHANGES)]
        problem = None
        for command in commands:
            arguments = [*command, "--base-path", str(base)]
            ended = in_child(functools.partial(main, arguments))
            # What cannot be read is no reason to fail; a ledger that cannot be written is one.
            allowed = (0,) if command in LOOKS and not is_content else (0, 1)
            problem = problem or (
                f"{' '.join(command)} hangs"
                if ended.hung
                else problem_of(ended.code, ended.shown, allowed)
            )
        yield Trial(
            f"{place}: {wrong}", problem or (None if is_content else unsound(base, contents))
        )
        shutil.rmtree(base)


def _damages(dice: random.Random) -> Iterator[tuple[str, str, Callable[[Path], object]]]:
    fixed: list[tuple[str, str, Callable[[Path], object]]] = [
        (place, wrong, functools.partial(_write, content))
        for place in PLACES
        for wrong, content in CONTENTS.items()
    ]
    fixed += [(place, wrong, make) for place in PLACES for wrong, make in KINDS.items()]
    dice.shuffle(fixed)
    yield from fixed
    while True:
        for place, text in PLACES.items():
            for content in draws(mangle(text), 50, dice.randrange(2**32)):
                yield place, repr(content[:60]), functools.partial(_write, content)


def _write(content: bytes, path: Path) -> None:
    path.write_bytes(content)
