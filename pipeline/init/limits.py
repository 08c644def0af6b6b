"""What drafted limits let pass, so that chance alone seldom refuses a later span. Pure."""

from __future__ import annotations

import math

from pipeline.sections.metric_defaults import MAX_DROP

_EVAL = 0.1
"""Of the examples, in a drafted split."""
_CHANCE = 0.6
"""Over the root of the examples, two standard errors of a share that is about 0.9. Of two models
that are as good as each other one error would refuse the later one in every sixth span."""
_MOST = 0.1
"""Whoever has a dozen examples to evaluate still wants to hear of a model that learned nothing."""


def max_drop(examples: int) -> float:
    """What a metric may lose on a tenth of so many examples to the model that is live: no less than
    chance takes.

    With 86 examples to evaluate one answer is 0.012 of the accuracy, so that of two models that are
    as good as each other the later one would often be refused.

    Returns:
      a share in 0.01..0.1, of three digits.
    """
    error = _CHANCE / math.sqrt(max(1.0, _EVAL * examples))
    return min(_MOST, max(MAX_DROP, math.ceil(error * 1_000) / 1_000))


def quarantine(share: float, rows: int) -> float:
    """What share of bad rows a later span may have, if it is `share` in so many rows of this one:
    little more than that, and no less than chance makes of it.

    Returns:
      a share in 0.01..1, of two digits.
    """
    error = math.sqrt(share * (1 - min(1.0, share)) / max(1, rows))
    return min(1.0, max(0.01, float(f"{max(1.2 * share, share + 2 * error):.2g}")))
