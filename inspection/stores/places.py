"""Where executions belong: in which run, pipeline and node. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from inspection.stores.stored import PIPELINE_TYPES, RUN_TYPES, Context


class Places:
    """Where executions belong, by their ids."""

    def __init__(
        self, contexts: Mapping[int, Context], associations: tuple[Sequence[int], Sequence[int]]
    ) -> None:
        runs = {id for id, each in contexts.items() if each.type in RUN_TYPES}
        pipelines = {id for id, each in contexts.items() if each.type in PIPELINE_TYPES}
        nodes = contexts.keys() - runs - pipelines
        self._names = {id: contexts[id].name for id in (*pipelines, *nodes)}
        # A sub-pipeline's steps belong to the outer run too, which was there before.
        self.runs = _first(runs, *associations)[0]
        self._outer, several = _first(pipelines, *associations)
        self._nodes = {
            execution: context
            for context, execution in zip(*associations, strict=True)
            if context in nodes
        }
        self._several: defaultdict[int, list[int]] = defaultdict(list)
        if several:
            for context, execution in zip(*associations, strict=True):
                if context in pipelines:
                    self._several[execution].append(context)
        self._named: dict[tuple[int, int | None], str] = {}
        self._sets: dict[tuple[Collection[int | None], ...], frozenset[str] | None] = {}

    def pipeline(self, execution: int) -> str | None:
        """Of a sub-pipeline's steps the outer one; None of those in none."""
        outer = self._outer.get(execution)
        return None if outer is None else self._names[outer]

    def node_context(self, execution: int) -> int | None:
        """The id of the context of its node."""
        return self._nodes.get(execution)

    def node(self, execution: int) -> str | None:
        """The name of its node, without that of a pipeline which the node is named after."""
        node = self._nodes.get(execution)
        if node is None:
            return None
        outer = self._outer.get(execution)
        if execution in self._several:
            return self._without(self._names[node], self._several[execution])
        # In most runs nodes have the same few names.
        name = self._named.get((node, outer))
        if name is None:
            name = self._without(self._names[node], () if outer is None else (outer,))
            self._named[node, outer] = name
        return name

    def nodes(self, executions: Sequence[int]) -> frozenset[str] | None:
        """The names of their nodes; None where more has to be looked at than who lies in what."""
        nodes = frozenset(map(self._nodes.get, executions))
        outer = frozenset(map(self._outer.get, executions))
        # Most runs have the same few.
        if (nodes, outer) not in self._sets:
            plain = not self._several and None not in nodes and len(outer) == 1
            names = frozenset(map(self.node, executions)) if plain else None
            self._sets[nodes, outer] = names  # type: ignore[assignment]
        return self._sets[nodes, outer]

    def _without(self, name: str, pipelines: Iterable[int]) -> str:
        # Of a sub-pipeline's node the inner one is its prefix; a name may hold dots.
        prefixes = [f"{self._names[each]}." for each in pipelines]
        fitting = (prefix for prefix in prefixes if name.startswith(prefix))
        return name.removeprefix(max(fitting, key=len, default=""))


def _first(
    wanted: Collection[int], contexts: Sequence[int], executions: Sequence[int]
) -> tuple[dict[int, int], bool]:
    """Of each execution the one among `wanted` that was there before others; whether there are."""
    pairs = zip(contexts, executions, strict=True)
    found = {execution: context for context, execution in pairs if context in wanted}
    several = len(found) < sum(map(wanted.__contains__, contexts))
    if several:
        for context, execution in zip(contexts, executions, strict=True):
            if context in wanted and context < found[execution]:
                found[execution] = context
    return found, several
