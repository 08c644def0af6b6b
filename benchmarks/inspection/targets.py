"""What asking the metadata may take at most.

Limits in seconds are held against CPU seconds: a question is one thread that waits for nothing, so
on an idle machine they are the seconds that pass, and a busy one changes them little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.inspection.questions import Asked
from benchmarks.target import Target

MAX_START_CPU_SECONDS = 0.6
MAX_QUESTION_SECONDS = 1.0
EXPORT = "export --json"
MAX_EXPORT_CPU_SECONDS, MAX_EXPORT_MEGABYTES = 2.0, 200.0
MAX_LARGE_SECONDS = 3.0
MAX_MEGABYTES = 300.0
MAX_PAGE_SECONDS = 0.3
MAX_EXPLORER_START_SECONDS = 2.0


def judge(
    start: Asked,
    asked: Sequence[Asked],
    large: Sequence[Asked],
    pages: Mapping[str, float],
    pages_megabytes: float,
    explorer_seconds: float,
) -> list[Target]:
    """The slowest of each kind against its limit."""
    [export] = [each for each in asked if each.command == EXPORT]
    questions = [each for each in asked if each is not export]
    slowest = max(questions, key=lambda each: each.cpu_seconds)
    slowest_large = max(large, key=lambda each: each.cpu_seconds)
    largest = max((*asked, *large), key=lambda each: each.peak_megabytes)
    page = max(pages, key=pages.__getitem__)
    return [
        Target("start to first output, CPU s", start.cpu_seconds, MAX_START_CPU_SECONDS),
        Target(
            f"slowest question at 1,000 runs ({slowest.command}), CPU s",
            slowest.cpu_seconds,
            MAX_QUESTION_SECONDS,
        ),
        Target("export --json at 1,000 runs, CPU s", export.cpu_seconds, MAX_EXPORT_CPU_SECONDS),
        Target("export --json at 1,000 runs, MB", export.peak_megabytes, MAX_EXPORT_MEGABYTES),
        Target(
            f"slowest of runs, lineage and gc at 10,000 ({slowest_large.command}), CPU s",
            slowest_large.cpu_seconds,
            MAX_LARGE_SECONDS,
        ),
        Target(
            f"largest question ({largest.command} on {largest.store}), MB",
            largest.peak_megabytes,
            MAX_MEGABYTES,
        ),
        Target(f"slowest page at 1,000 runs ({page}), CPU s", pages[page], MAX_PAGE_SECONDS),
        Target("explorer at 1,000 runs, MB", pages_megabytes, MAX_MEGABYTES),
        Target(
            "explorer's start at 1,000 runs, CPU s", explorer_seconds, MAX_EXPLORER_START_SECONDS
        ),
    ]
