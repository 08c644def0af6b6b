"""How one node of a run ended, and who is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

State = Literal["done", "cached", "skipped", "failed"]


@dataclasses.dataclass(frozen=True)
class NodeResult:
    """How one node of a run ended."""

    node: str
    state: State
    seconds: float
    execution_id: int | None = None
    outputs: Mapping[str, Sequence[Any]] = dataclasses.field(default_factory=dict)
    """TFX artifacts by output key."""


class Observer(Protocol):
    """Whoever shows the progress of a run."""

    def run_started(self, nodes: Sequence[str]) -> None: ...

    def node_started(self, node: str) -> None: ...

    def node_finished(self, result: NodeResult) -> None: ...
