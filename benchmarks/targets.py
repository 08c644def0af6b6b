"""What the pipeline may cost at most, and must reach at least."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.target import Target
from benchmarks.usage import Usage

MAX_TAX = 1.4
MAX_TAX_WITHOUT_CHECK = 1.25
MAX_CHECK = 0.2
"""22 CPU seconds where (a) takes 106: how long both take depends on the processor."""
MAX_OVERHEAD_RATIO = 0.4
MAX_CACHED_CPU_SECONDS = 10.0
MAX_PEAK_MEGABYTES = 1_500.0
MIN_TEST_ACCURACY = 0.920


def judge(
    medians: Mapping[str, Usage], accuracies: Mapping[str, float], check_seconds: float
) -> list[Target]:
    """The targets that the contenders at hand allow to judge.

    Args:
      medians: by key of the contender.
      accuracies: of the contenders' models on the official test images, by the same keys.
      check_seconds: CPU seconds of (c)'s serving check, which neither (a) nor (b) has.
    """
    cpu = {key: usage.cpu_seconds for key, usage in medians.items()}
    targets = []
    if {"a", "c"} <= cpu.keys():
        without = (cpu["c"] - check_seconds) / cpu["a"]
        targets += [
            Target("production tax, CPU c / a", cpu["c"] / cpu["a"], MAX_TAX),
            Target("… without the serving check", without, MAX_TAX_WITHOUT_CHECK),
            Target("the serving check alone, CPU over (a)", check_seconds / cpu["a"], MAX_CHECK),
        ]
    if {"a", "b", "c"} <= cpu.keys():
        ratio = _overhead_ratio(cpu["a"], cpu["b"], cpu["c"] - check_seconds)
        targets.append(
            Target("overhead ratio without it, CPU (c - a) / (b - a)", ratio, MAX_OVERHEAD_RATIO)
        )
    if "cached" in cpu:
        targets.append(Target("cached re-run, CPU s", cpu["cached"], MAX_CACHED_CPU_SECONDS))
    if "c" in medians:
        peak = medians["c"].peak_megabytes
        targets += [
            Target("peak RSS of (c), MB", peak, MAX_PEAK_MEGABYTES),
            Target("test accuracy, pushed model", accuracies["c"], MIN_TEST_ACCURACY, True),
        ]
    return targets


def _overhead_ratio(a: float, b: float, c: float) -> float:
    # Should (b) have no overhead, any of (c)'s is too much of it, and still a number.
    return (c - a) / max(b - a, 1e-3)
