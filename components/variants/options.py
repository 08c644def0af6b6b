"""Which variants are made, and how much worse one may be: `variants` in the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import pydantic

from documents.settings.section import Section
from documents.settings.twice import twice
from documents.shown import shown

Name = Literal[
    "float32", "float16", "dynamic_range", "int8", "pruned", "pruned_int8", "frozen_graph"
]
_Drop = Annotated[float, pydantic.Field(ge=0)]


FIT = ("image", "number")
"""Kinds of features that a graph needs no table for."""


def unfit(kinds: Mapping[str, str]) -> str | None:
    """One sentence on the features that keep a model from having variants; None where none does.

    Args:
      kinds: of the features that are served, by name.
    """
    wrong = [f"{name} ({kind})" for name, kind in kinds.items() if kind not in FIT]
    if not wrong:
        return None
    more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
    return (
        f"The model looks words up in a table for {shown(', '.join(wrong[:5]))}{more}, which"
        " TensorFlow Lite has no operations for; leave `variants` out, or declare those features"
        " `kind: ignore`."
    )


class Drops(Section):
    """How much worse a variant may be than the model, in the unit of a metric."""

    overall: _Drop | None = None
    """None: `variants.max_drop`."""
    per_slice: _Drop | None = None
    """None: `variants.max_slice_drop`."""


class PruningOptions(Section):
    """How the pruned variants are made."""

    sparsity: float = pydantic.Field(0.8, gt=0, lt=1)
    """The share of the weights that become zero."""
    epochs: int = pydantic.Field(3, ge=1, le=1_000)
    """For which the model is trained meanwhile."""
    learning_rate: float = pydantic.Field(3e-3, gt=0, le=1)
    """At the start; it falls to zero."""


class VariantOptions(Section):
    """What the Variants node is told."""

    make: Annotated[tuple[Name, ...], pydantic.Strict(False)] = pydantic.Field(
        ("float16", "dynamic_range", "int8"), min_length=1
    )
    max_drop: _Drop = 0.005
    """Of every metric of the evaluation, over all examples."""
    max_slice_drop: _Drop = 0.03
    """The same on every slice of the evaluation."""
    metrics: dict[str, Drops] = {}
    """Other limits for a metric, by its name."""
    calibration_examples: int = pydantic.Field(200, ge=1, le=100_000)
    """Training examples that int8 takes its ranges from."""
    pruning: PruningOptions = PruningOptions()
    latency_requests: int = pydantic.Field(200, ge=10, le=1_000_000)

    @pydantic.field_validator("make")
    @classmethod
    def _names_each_once(cls, names: tuple[Name, ...]) -> tuple[Name, ...]:
        if again := twice(names):
            raise ValueError(f"{again} stands there twice; name each variant once")
        return names

    def limit(self, metric: str, *, overall: bool) -> float:
        """How much worse a variant may be."""
        drops = self.metrics.get(metric, Drops())
        own = drops.overall if overall else drops.per_slice
        if own is not None:
            return own
        return self.max_drop if overall else self.max_slice_drop
