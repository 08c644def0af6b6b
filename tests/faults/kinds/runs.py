"""kill -9 of a whole run at random moments, and then the same command again."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tests.faults import pipeline_run as runs
from tests.faults.trial import Budget, Trial, problem_of

name = "kills at random moments of a run"
share = 4.0
_RUN_SECONDS = 40.0
"""What a run takes, about; one that ends before it is killed is an ordinary run."""


def missing() -> str | None:
    return None


def trials(budget: Budget) -> Iterator[Trial]:
    """Kills runs that do everything anew over a live version; the last one may finish."""
    root = runs.finished_root(budget.shared)
    known = runs.contents(root)
    while True:
        process = runs.start(root, "--no-cache")
        after = budget.dice.uniform(0.1, _RUN_SECONDS)
        time.sleep(after)
        # One that has ended by then was not killed, and is an ordinary run.
        if process.poll() is None:
            runs.kill(process)
            process.communicate()
            yield Trial(f"killed after {after:.1f} s", runs.problem_in(root, known))
        else:
            yield Trial("not killed", problem_of(*_result(runs.finish(process)), (0,)))
        if not budget.allows(1.5 * _RUN_SECONDS):
            break
    ended = runs.finish(runs.start(root))
    problem = problem_of(ended.code, ended.shown, (0,)) or runs.problem_in(
        root, known | runs.contents(root)
    )
    yield Trial("the same command after all of them", problem)


def _result(ended: runs.Ended) -> tuple[int, str]:
    return ended.code, ended.shown
