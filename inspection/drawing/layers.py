"""Places the boxes of a directed graph in layers, from top to bottom.

The method of Sugiyama, Tagawa and Toda (1981), "Methods for visual understanding of hierarchical
system structures": layers by longest path, points where long edges pass a layer, orders by
barycentre, and at last the horizontal places.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

GAP_ACROSS = 24
GAP_DOWN = 46
MARGIN = 12
_SWEEPS = 8
_RELAXATIONS = 12
_POINT_WIDTH = 10
_POINT = "\0"
"""Begins the names of the points where a long edge passes a layer."""


@dataclasses.dataclass(frozen=True)
class Box:
    """A box by its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclasses.dataclass(frozen=True)
class Line:
    """An edge as the `d` of an SVG path."""

    source: str
    target: str
    d: str


@dataclasses.dataclass(frozen=True)
class Layout:
    """Where everything is."""

    width: float
    height: float
    boxes: Mapping[str, Box]
    lines: tuple[Line, ...]


def place(
    nodes: Sequence[str], edges: Iterable[tuple[str, str]], *, width: float, height: float
) -> Layout:
    """Places boxes of one size so that no two overlap and edges lead down.

    An edge that would close a cycle leads up.

    Args:
      nodes: names; of several that fit one place, the first comes left.
      edges: pairs of names; unknown names, repetitions, and edges from a node to itself are passed
        over.
      width: of each box.
      height: of each box.
    """
    known = set(nodes)
    unique = dict.fromkeys((a, b) for a, b in edges if a in known and b in known and a != b)
    down = _without_cycles(nodes, unique)
    layer = _layers(nodes, down)
    layers, chains = _with_points(nodes, down, layer)
    _order(layers, chains)
    middles = _places(layers, chains, width)
    left = min(middles.values(), default=0.0) - width / 2 - MARGIN
    boxes = {
        node: Box(
            middles[node] - left - width / 2,
            MARGIN + layer[node] * (height + GAP_DOWN),
            width,
            height,
        )
        for node in nodes
    }
    down_pairs = set(down)
    lines = []
    for pair in unique:
        chain = chains[pair] if pair in down_pairs else [pair[0], pair[1]]
        points = [middles[name] - left for name in chain]
        lines.append(Line(*pair, _path(boxes[pair[0]], boxes[pair[1]], points, height)))
    right = max((middles[name] for name in middles), default=0.0) - left + width / 2 + MARGIN
    bottom = max((box.y + box.height for box in boxes.values()), default=0.0) + MARGIN
    return Layout(right, bottom, boxes, tuple(lines))


def _without_cycles(
    nodes: Sequence[str], edges: Iterable[tuple[str, str]]
) -> list[tuple[str, str]]:
    """The edges but those that lead back to where a walk in depth came from."""
    after: defaultdict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        after[source].append(target)
    kept: list[tuple[str, str]] = []
    finished: set[str] = set()
    for root in nodes:
        path: list[tuple[str, int]] = [] if root in finished else [(root, 0)]
        on_path = {root} if path else set()
        while path:
            node, index = path.pop()
            if index == len(after[node]):
                finished.add(node)
                on_path.discard(node)
                continue
            path.append((node, index + 1))
            target = after[node][index]
            if target not in on_path:
                kept.append((node, target))
                if target not in finished:
                    path.append((target, 0))
                    on_path.add(target)
    return kept


def _layers(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Each node one below the lowest that leads to it; sources just above what they lead to."""
    after: defaultdict[str, list[str]] = defaultdict(list)
    waiting = dict.fromkeys(nodes, 0)
    for source, target in edges:
        after[source].append(target)
        waiting[target] += 1
    layer = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if not waiting[node]]
    sources = tuple(ready)
    for node in ready:
        for target in after[node]:
            layer[target] = max(layer[target], layer[node] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    for node in sources:
        if after[node]:
            layer[node] = min(layer[target] for target in after[node]) - 1
    return layer


def _with_points(
    nodes: Sequence[str], edges: Sequence[tuple[str, str]], layer: Mapping[str, int]
) -> tuple[list[list[str]], dict[tuple[str, str], list[str]]]:
    """The layers with a point wherever an edge passes one, and each edge's way through them."""
    layers: list[list[str]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for node in nodes:
        layers[layer[node]].append(node)
    chains: dict[tuple[str, str], list[str]] = {}
    for number, (source, target) in enumerate(edges):
        chain = [source]
        for between in range(layer[source] + 1, layer[target]):
            point = f"{_POINT}{number}.{between}"
            layers[between].append(point)
            chain.append(point)
        chains[source, target] = [*chain, target]
    return layers, chains


def _order(layers: list[list[str]], chains: Mapping[tuple[str, str], Sequence[str]]) -> None:
    """Sorts each layer by where its neighbours are, down and up in turn."""
    above, below = _neighbours(chains)
    for sweep in range(_SWEEPS):
        near = below if sweep % 2 else above
        for row in reversed(layers) if sweep % 2 else layers:
            position = {name: index for other in layers for index, name in enumerate(other)}
            centre = {
                name: sum(position[n] for n in near[name]) / len(near[name])
                if near[name]
                else float(position[name])
                for name in row
            }
            row.sort(key=centre.__getitem__)


def _places(
    layers: Sequence[Sequence[str]],
    chains: Mapping[tuple[str, str], Sequence[str]],
    width: float,
) -> dict[str, float]:
    """The middle of each name: near those of its neighbours, apart from the next in its layer."""
    above, below = _neighbours(chains)
    sizes = {
        name: _POINT_WIDTH if name.startswith(_POINT) else width for row in layers for name in row
    }
    places: dict[str, float] = {}
    for row in layers:
        total = sum(sizes[name] + GAP_ACROSS for name in row)
        x = -total / 2
        for name in row:
            places[name] = x + sizes[name] / 2
            x += sizes[name] + GAP_ACROSS
    for turn in range(_RELAXATIONS):
        near = below if turn % 2 else above
        for row in reversed(layers) if turn % 2 else layers:
            wanted = [
                sum(places[n] for n in near[name]) / len(near[name]) if near[name] else places[name]
                for name in row
            ]
            for name, x in zip(row, _apart(wanted, [sizes[name] for name in row]), strict=True):
                places[name] = x
    return places


def _apart(wanted: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """The places closest to those wanted (least squares) that keep order and distance.

    Pool adjacent violators: without the distances taken off, the places must not descend.
    """
    offset, offsets = 0.0, []
    for index, size in enumerate(sizes):
        offset += (sizes[index - 1] + size) / 2 + GAP_ACROSS if index else 0.0
        offsets.append(offset)
    blocks: list[tuple[float, int]] = []  # the mean of so many neighbours in a row
    for value, shift in zip(wanted, offsets, strict=True):
        mean, count = value - shift, 1
        while blocks and blocks[-1][0] > mean:
            other, others = blocks.pop()
            mean = (mean * count + other * others) / (count + others)
            count += others
        blocks.append((mean, count))
    spread = [mean for mean, count in blocks for _ in range(count)]
    return [mean + shift for mean, shift in zip(spread, offsets, strict=True)]


def _neighbours(
    chains: Mapping[tuple[str, str], Sequence[str]],
) -> tuple[defaultdict[str, list[str]], defaultdict[str, list[str]]]:
    above: defaultdict[str, list[str]] = defaultdict(list)
    below: defaultdict[str, list[str]] = defaultdict(list)
    for chain in chains.values():
        for upper, lower in itertools.pairwise(chain):
            above[lower].append(upper)
            below[upper].append(lower)
    return above, below


def _path(source: Box, target: Box, xs: Sequence[float], height: float) -> str:
    """A curve from the bottom of one box to the top of another, straight beside those it passes."""
    if target.y <= source.y:  # closes a cycle
        x, y = source.x + source.width, source.y + height / 2
        to_x, to_y = target.x + target.width, target.y + height / 2
        bend = max(x, to_x) + 40
        return f"M{x:.1f},{y:.1f} C{bend:.1f},{y:.1f} {bend:.1f},{to_y:.1f} {to_x:.1f},{to_y:.1f}"
    x, y = xs[0], source.y + height
    parts = [f"M{x:.1f},{y:.1f}"]
    for index, to_x in enumerate(xs[1:], 1):
        to_y = source.y + index * (height + GAP_DOWN)
        half = (y + to_y) / 2
        parts.append(f"C{x:.1f},{half:.1f} {to_x:.1f},{half:.1f} {to_x:.1f},{to_y:.1f}")
        x, y = to_x, to_y
        if index < len(xs) - 1:
            y += height
            parts.append(f"V{y:.1f}")
    return "".join(parts)
