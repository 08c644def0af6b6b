"""The part of the examples that a metric is over, as verdicts name it."""

from __future__ import annotations

from collections.abc import Sequence

OVERALL = "overall"
"""All examples. Any other slice reads `feature=value`."""
LABEL = "label"
"""What the label is called where nobody says."""


def slice_title(slice_name: str, labels: Sequence[str], label: str = LABEL) -> str:
    """`label=6 (Shirt)` for `label=6`, when the labels have names; otherwise the slice itself, as
    where the name is the number again.

    Args:
      slice_name: `overall`, or `feature=value`.
      labels: names by number.
      label: what the label is called.
    """
    feature, _, value = slice_name.rpartition("=")
    # A number of digits only can still be as long as it likes, which int() refuses.
    if feature == label and value.isdecimal() and len(value) < 10 and int(value) < len(labels):
        name = labels[int(value)]
        return slice_name if name == value else f"{slice_name} ({name})"
    return slice_name
