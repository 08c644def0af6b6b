"""Thresholds that nothing, or nothing that counts, was held against. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components.evaluator.verdict import Row, Threshold


def uncovered(thresholds: Sequence[Threshold], rows: Sequence[Row]) -> str | None:
    """One sentence on the first threshold that nothing was held against; None without such."""
    for threshold in thresholds:
        if threshold.demands and not any(
            row.metric == threshold.metric and threshold.covers(row.slice) for row in rows
        ):
            where = f"any slice of {threshold.feature}" if threshold.feature else "all examples"
            return (
                f"Evaluator: there is no value of {threshold.metric} on {where}, for which a"
                " threshold is set; see that the evaluation examples have that feature, or take"
                " the threshold out of evaluation.metrics."
            )
    if not rows and thresholds:
        return (
            f"Evaluator: there is no value of {thresholds[0].metric} nor of any other metric; see"
            " that the split that is evaluated has examples, or set data.split so that it has."
        )
    return None


def idle(thresholds: Sequence[Threshold], rows: Sequence[Row], smallest: int) -> Iterator[str]:
    """Yields a sentence on each feature whose limits count on none of its slices.

    Args:
      smallest: examples that a slice must have for that.
    """
    demanding = (each for each in thresholds if each.demands and each.feature is not None)
    for feature, threshold in {each.feature: each for each in demanding}.items():
        held = [row for row in rows if threshold.covers(row.slice)]
        if not held or any(row.gated for row in held):
            continue
        largest = max(held, key=lambda row: row.examples or 0)
        yield (
            f"no limit on slices of {feature} counts: none has evaluation.smallest_slice ="
            f" {smallest:,} examples, the largest one, {largest.slice}, {largest.examples:,};"
            " evaluate more examples, or set a smaller one"
        )
