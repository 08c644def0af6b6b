"""Where the boxes of a graph come to lie."""

from __future__ import annotations

import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from inspection.drawing.layers import GAP_DOWN, place
from tests.there import there

WIDTH, HEIGHT = 100, 40
NODES = [f"n{index}" for index in range(12)]
EDGES = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=40)


@given(EDGES)
def test_boxes_never_overlap_and_lie_in_the_picture(edges):
    found = place(NODES, edges, width=WIDTH, height=HEIGHT)
    boxes = list(found.boxes.values())
    for index, box in enumerate(boxes):
        assert 0 <= box.x <= found.width - WIDTH
        assert 0 <= box.y <= found.height - HEIGHT
        for other in boxes[:index]:
            assert abs(box.x - other.x) >= WIDTH or abs(box.y - other.y) >= HEIGHT


@given(EDGES)
def test_every_edge_is_drawn_once_between_its_boxes(edges):
    found = place(NODES, edges, width=WIDTH, height=HEIGHT)
    wanted = {(source, target) for source, target in edges if source != target}
    assert sorted((line.source, line.target) for line in found.lines) == sorted(wanted)
    for line in found.lines:
        x, y = map(float, there(re.match(r"M([-\d.]+),([-\d.]+)", line.d)).groups())
        box = found.boxes[line.source]
        assert box.x - 0.1 <= x <= box.x + WIDTH + 0.1
        assert box.y <= y <= box.y + HEIGHT + 0.1


@given(EDGES)
def test_edges_without_cycles_lead_down(edges):
    ordered = [(a, b) for a, b in edges if NODES.index(a) < NODES.index(b)]
    boxes = place(NODES, ordered, width=WIDTH, height=HEIGHT).boxes
    for source, target in ordered:
        assert boxes[target].y - boxes[source].y >= HEIGHT + GAP_DOWN


def test_an_edge_that_passes_a_layer_goes_around_the_box_there():
    found = place(["a", "b", "c"], [("a", "b"), ("b", "c"), ("a", "c")], width=WIDTH, height=HEIGHT)
    [long] = [line for line in found.lines if (line.source, line.target) == ("a", "c")]
    passing = float(re.findall(r"([-\d.]+),[-\d.]+V", long.d)[0])
    box = found.boxes["b"]
    assert not box.x < passing < box.x + WIDTH


def test_unknown_names_are_passed_over():
    found = place(["a"], [("a", "b"), ("c", "a"), ("a", "a")], width=WIDTH, height=HEIGHT)
    assert list(found.boxes) == ["a"]
    assert found.lines == ()


def test_nothing_gives_an_empty_picture():
    assert place([], [], width=WIDTH, height=HEIGHT).boxes == {}


def test_two_hundred_nodes_stay_in_narrow_layers():
    """A lineage over twenty runs that share their data: as wide as its widest layer, not wider."""
    edges = []
    for run in range(20):
        chain = ["data", *(f"{run}.{step}" for step in range(10))]
        edges += list(itertools.pairwise(chain))
    nodes = list(dict.fromkeys(name for edge in edges for name in edge))
    found = place(nodes, edges, width=WIDTH, height=HEIGHT)
    assert len(found.boxes) == 201
    assert found.width <= 20 * (WIDTH + 24) + 24
    # No two lines of different runs change sides: each run is one straight column.
    for run in range(20):
        assert len({round(found.boxes[f"{run}.{step}"].x) for step in range(1, 10)}) == 1
