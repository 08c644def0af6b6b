"""The metrics that go with each kind of label where the settings name none. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MAX_DROP = 0.01
"""How much worse than the live model's it may be. All that it is for are shares, so that one limit
does for any data, if there is enough of them."""

_USUAL: dict[str, list[tuple[str, bool]]] = {
    "two classes": [("AUC", True), ("SparseCategoricalAccuracy", True), ("Calibration", False)],
    "classes": [("SparseCategoricalAccuracy", True), ("SparseCategoricalCrossentropy", False)],
    "number": [("R2Score", True), ("RootMeanSquaredError", False), ("MeanAbsoluteError", False)],
    "tags": [("AUC", True), ("F1Score", True), ("BinaryAccuracy", False)],
}
"""And whether they have a limit."""


def usual_metrics(
    kind: str, names: Sequence[str] | None, max_drop: float = MAX_DROP
) -> list[dict[str, Any]]:
    """As the settings would name them; the first decides whether a model learned anything.

    Args:
      kind: of the label.
      names: classes or tags; None for a number.
      max_drop: of those that have a limit.
    """
    has_two = kind == "classes" and len(names or ()) == 2
    return [
        {"metric": metric, **({"overall": {"max_drop": max_drop}} if held else {})}
        for metric, held in _USUAL["two classes" if has_two else kind]
    ]
