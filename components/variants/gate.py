"""Whether a variant is as good as its model, metric by metric and slice by slice. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from components.evaluator.verdict import Values, without_rounding
from components.variants.options import VariantOptions
from documents.slice import LABEL, OVERALL, slice_title
from documents.variants import VariantMetric


def held(
    before: Values, now: Values, options: VariantOptions, lower_is_better: Collection[str]
) -> tuple[VariantMetric, ...]:
    """Each metric that the model has on a slice, beside the variant's; the worst first.

    Args:
      before: of the model.
      now: of the variant.
      lower_is_better: metrics of which a rise is a loss.
    """
    rows = [
        _row(metric, slice_name, value, now.get((metric, slice_name)), options, lower_is_better)
        for (metric, slice_name), value in before.items()
    ]
    return tuple(sorted(rows, key=_margin))


def refusal(
    name: str, rows: Sequence[VariantMetric], labels: Sequence[str] = (), label: str = LABEL
) -> str | None:
    """One sentence on the worst row that does not hold; None when all do.

    Args:
      name: of the variant.
      rows: what was measured of it.
      labels: names of the classes by number.
      label: what the label is called.
    """
    if not rows:
        return f"{name}: no metric was measured of it; name one in evaluation.metrics."
    failing = [row for row in rows if not row.ok]
    if not failing:
        return None
    worst, more = failing[0], len(failing) - 1
    others = f"; {more} more {'fail' if more > 1 else 'fails'}" if more else ""
    where = slice_title(worst.slice, labels, label)
    if worst.now is None or worst.before is None or worst.drop is None:
        return f"{name}: {worst.metric} on slice {where} is not a number{others}."
    return (
        f"{name}: {worst.metric} on slice {where} is {worst.now:.4f}, {worst.drop:.4f} worse than"
        f" the model's {worst.before:.4f} (allowed: {worst.max_drop:g}){others}."
    )


def _row(
    metric: str,
    slice_name: str,
    before: float,
    now: float | None,
    options: VariantOptions,
    lower_is_better: Collection[str],
) -> VariantMetric:
    limit = options.limit(metric, overall=slice_name == OVERALL)
    known = now is not None and math.isfinite(now) and math.isfinite(before)
    drop = None
    if known and now is not None:
        drop = now - before if metric in lower_is_better else before - now
    # Where the model has no number itself, as of a slice without examples, neither may do better.
    ok = not math.isfinite(before)
    if drop is not None and now is not None:
        ok = without_rounding(limit - drop, now, before) >= 0
    return VariantMetric(
        metric=metric,
        slice=slice_name,
        before=before if math.isfinite(before) else None,
        now=now if now is not None and math.isfinite(now) else None,
        drop=drop,
        max_drop=limit,
        ok=ok,
    )


def _margin(row: VariantMetric) -> float:
    if row.drop is None:
        return math.inf if row.ok else -math.inf
    return row.max_drop - row.drop
