"""How much worse than the model that is live a drafted threshold lets a candidate be. Pure."""

from __future__ import annotations

import math

from pipeline.metric_defaults import MAX_DROP

_EVAL = 0.1
"""Of the examples, in a drafted split."""
_CHANCE = 0.3
"""Over the root of the examples, the standard error of a share that is about 0.9."""
_MOST = 0.1
"""Whoever has a dozen examples to evaluate still wants to hear of a model that learned nothing."""


def max_drop(examples: int) -> float:
    """What a metric may lose on a tenth of so many examples: no less than chance takes.

    With 86 examples to evaluate one answer is 0.012 of the accuracy, so that of two models that are
    as good as each other the later one would often be refused.

    Returns:
      a share in 0.01..0.1, of three digits.
    """
    error = _CHANCE / math.sqrt(max(1.0, _EVAL * examples))
    return min(_MOST, max(MAX_DROP, math.ceil(error * 1_000) / 1_000))
