"""How many nodes run at once where nobody says."""

import pytest

from pipeline.local.nodes.side_by_side.jobs import BYTES_EACH, default_jobs, jobs_for


@pytest.mark.parametrize(
    ("processors", "free_bytes", "jobs"),
    [
        (2, 24 * 2**30, 2),
        (8, 3 * BYTES_EACH, 3),
        (8, 2 * BYTES_EACH - 1, 1),
        (2, 2**20, 1),
        # A container that is over its limit already.
        (2, -(2**20), 1),
        (1, 2**40, 1),
        (4, None, 1),
    ],
)
def test_processors_and_memory_both_limit_them(processors: int, free_bytes: int | None, jobs: int):
    assert jobs_for(processors, free_bytes) == jobs


def test_this_machine_has_at_least_one():
    assert default_jobs() >= 1
