"""Which nodes may start, in every graph and every order in which they end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.local.nodes.side_by_side.schedule import Schedule


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    """Nodes in topological order, with those before each."""
    names = [f"n{number}" for number in range(draw(st.integers(1, 8)))]
    return {
        name: draw(st.lists(st.sampled_from(names[:index]), unique=True)) if index else []
        for index, name in enumerate(names)
    }


@given(data=st.data(), upstream=graphs(), jobs=st.integers(1, 4))
def test_nodes_run_when_they_may_and_never_when_they_may_not(data, upstream, jobs):
    names = list(upstream)
    alone = set(data.draw(st.lists(st.sampled_from(names), unique=True)))
    # Skipped are those before or behind all others, so whatever is before one is done as well.
    skipped = names[: data.draw(st.integers(0, len(names) - 1))]
    failing = set(data.draw(st.lists(st.sampled_from(names), unique=True))) - set(skipped)
    schedule = Schedule(upstream, jobs, alone=alone, done=skipped)
    started, done = list(skipped), set(skipped)
    failed: set[str] = set()
    while True:
        while node := schedule.next():
            schedule.start(node)
            assert node not in started
            assert set(upstream[node]) <= done
            started.append(node)
            assert len(schedule.running) <= jobs
            assert not alone.intersection(schedule.running) or len(schedule.running) == 1
        # All that can run runs: what is held back, something keeps.
        could = [n for n in names if n not in started and set(upstream[n]) <= done]
        if could and len(schedule.running) < jobs:
            assert alone & {*could, *schedule.running}
            assert schedule.running
        if not schedule.running:
            break
        ended = data.draw(st.sampled_from(schedule.running))
        schedule.end(ended, succeeded=ended not in failing)
        (failed if ended in failing else done).add(ended)
    behind = set(failed)
    for name in names:
        if behind.intersection(upstream[name]):
            behind.add(name)
    # A failure stops what is behind it, and nothing else.
    assert set(started) == set(names) - (behind - failed)
    assert done == set(names) - behind


@pytest.mark.medium
@given(upstream=graphs())
def test_one_job_runs_them_in_their_order(upstream):
    schedule = Schedule(upstream, 1)
    order = []
    while node := schedule.next():
        schedule.start(node)
        schedule.end(node, succeeded=True)
        order.append(node)
    assert order == list(upstream)


def test_who_wants_to_be_alone_is_not_overtaken():
    schedule = Schedule({"long": [], "pusher": [], "short": []}, 2, alone=["pusher"])
    schedule.start("long")
    assert schedule.next() is None
    schedule.end("long", succeeded=True)
    assert schedule.next() == "pusher"
