"""Attempts: a node that is tried again within its run has an execution for each time. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from inspection.history.records import Step


def replaced(
    ids: Sequence[int],
    node_of: Callable[[int], Hashable],
    group_of: Callable[[int], int | None] = lambda _: None,
) -> frozenset[int]:
    """Those of one run in whose place a later attempt came: of the last one it is told how the run
    stands. Ids decide which is the last, since clocks can be set back.

    Args:
      ids: all executions of the run.
      node_of: what an execution is an attempt of; None where nobody said of which node it is.
      group_of: the part of the graph that it lies in, which may have been tried again as a whole.
    """
    last: dict[Hashable, int] = {}
    loose = 0
    for id in ids:
        node = node_of(id)
        if node is None:
            loose += 1
        else:
            last[node] = max(id, last.get(node, id))
    if len(last) + loose == len(ids):
        return _NONE
    gone = {id for id in ids if (node := node_of(id)) is not None and last[node] != id}
    return frozenset(id for id in ids if _is_in(id, gone, group_of))


_NONE: frozenset[int] = frozenset()


def _is_in(id: int | None, gone: set[int], group_of: Callable[[int], int | None]) -> bool:
    seen: set[int] = set()
    while id is not None and id not in seen:
        if id in gone:
            return True
        seen.add(id)
        id = group_of(id)
    return False


def next_attempt(step: Step, steps: Sequence[Step], gone: frozenset[int]) -> Step | None:
    """The one that came in the place of a step, which is the last of its node; None of the last
    one itself.

    Args:
      step: any of the run.
      steps: all of the run.
      gone: as of `replaced`.
    """
    if step.id not in gone:
        return None
    later = [each for each in steps if each.node == step.node and each.id > step.id]
    return later[-1] if later else None
