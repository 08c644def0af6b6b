"""What a check has to say about a compiled file."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Literal

from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import Documents

Level = Literal["error", "warning"]
Said = tuple[str, str]
"""What is wrong, and what mends it."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """One problem of a file."""

    check: str
    level: Level
    problem: str
    fix: str


@dataclasses.dataclass(frozen=True)
class Check:
    """A named rule; an error is what the target refuses or fails on, all else is a warning."""

    name: str
    run: Callable[[Documents, Target], Iterator[Said]]
    level: Level = "error"

    def findings(self, documents: Documents, target: Target) -> Iterator[Finding]:
        for problem, fix in self.run(documents, target):
            yield Finding(self.name, self.level, problem, fix)
