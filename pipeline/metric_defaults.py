"""The metrics that go with each kind of label where the settings name none. Pure."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

_HELD: dict[str, Any] = {"overall": {"max_drop": 0.01}}
"""All of them are shares, so that one limit does for any data."""

_USUAL: dict[str, list[dict[str, Any]]] = {
    "two classes": [
        {"metric": "AUC", **_HELD},
        {"metric": "SparseCategoricalAccuracy", **_HELD},
        {"metric": "Calibration"},
    ],
    "classes": [
        {"metric": "SparseCategoricalAccuracy", **_HELD},
        {"metric": "SparseCategoricalCrossentropy"},
    ],
    "number": [
        {"metric": "R2Score", **_HELD},
        {"metric": "RootMeanSquaredError"},
        {"metric": "MeanAbsoluteError"},
    ],
    "tags": [
        {"metric": "AUC", **_HELD},
        {"metric": "F1Score", **_HELD},
        {"metric": "BinaryAccuracy"},
    ],
}


def usual_metrics(kind: str, names: Sequence[str] | None) -> list[dict[str, Any]]:
    """As the settings would name them; the first decides whether a model learned anything.

    Args:
      kind: of the label.
      names: classes or tags; None for a number.
    """
    has_two = kind == "classes" and len(names or ()) == 2
    return copy.deepcopy(_USUAL["two classes" if has_two else kind])
