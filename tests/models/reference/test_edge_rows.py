"""Every edge of every column is asked about, in no more rows than there may be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.reference.edge_rows import edge_rows


@given(st.lists(st.integers(1, 6), min_size=1, max_size=40), st.integers(1, 50))
def test_every_edge_stands_in_one_row_with_none_other_of_its_column(
    counts: list[int], most: int
) -> None:
    edges = [(f"c{i}", f"edge {k}", (i, k)) for i, count in enumerate(counts) for k in range(count)]
    plain = {f"c{i}": (i, -1) for i in range(len(counts))}
    rows = list(edge_rows(edges, plain, most))
    assert len(rows) <= max(most, max(counts))
    found = [value for _, row in rows for value in row.values() if value[1] >= 0]
    assert sorted(found) == [value for _, _, value in edges]
    assert all(row.keys() == plain.keys() for _, row in rows)


def test_where_there_is_room_a_row_has_one_edge() -> None:
    edges = [("a", "missing", None), ("a", "zero", 0), ("b", "missing", None)]
    assert list(edge_rows(edges, {"a": 1, "b": 2}, 3)) == [
        ("a missing", {"a": None, "b": 2}),
        ("a zero", {"a": 0, "b": 2}),
        ("b missing", {"a": 1, "b": None}),
    ]
    [(said, row), _] = edge_rows(edges, {"a": 1, "b": 2}, 2)
    assert (said, row) == ("a missing, and 1 more columns", {"a": None, "b": None})
