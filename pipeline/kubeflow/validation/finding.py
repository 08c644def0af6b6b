"""What a check has to say about a compiled file."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import Documents
from pipeline.kubeflow.validation.said import Said

Level = Literal["error", "warning"]
_SHOWN = 2


@dataclasses.dataclass(frozen=True)
class Finding:
    """One problem of a file."""

    check: str
    level: Level
    problem: str
    fix: str
    where: tuple[str, ...] = ()
    """Every place that has it."""


@dataclasses.dataclass(frozen=True)
class Check:
    """A named rule; an error is what the target refuses or fails on, all else is a warning."""

    name: str
    run: Callable[[Documents, Target], Iterable[Said]]
    level: Level = "error"

    def findings(self, documents: Documents, target: Target) -> Iterator[Finding]:
        """One finding a fault, however many places have it."""
        places: dict[tuple[str, str, str], list[str]] = {}
        for said in self.run(documents, target):
            known = places.setdefault((said.what, said.fix, said.kind), [])
            if said.where not in known:
                known.append(said.where)
        for (what, fix, _), where in places.items():
            yield Finding(self.name, self.level, _sentence(where, what), fix, tuple(where))


def has_errors(findings: Iterable[Finding]) -> bool:
    return any(found.level == "error" for found in findings)


def _sentence(where: list[str], what: str) -> str:
    first, *others = where
    shown = ", ".join(others[:_SHOWN])
    more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    return f"{first} {what}" + (f"; likewise {shown}{more}" if others else "")
