"""Lines with gaps."""

from __future__ import annotations

import pytest

from inspection.drawing.polylines import polylines


@pytest.mark.parametrize(
    ("points", "lines"),
    [
        ([], []),
        ([(0.0, 1.0)], []),
        ([(0.0, 1.0), (2.5, 3.0)], ["0.0,1.0 2.5,3.0"]),
        ([None, (0.0, 1.0), None, (1.0, 1.0), (2.0, 0.0), None], ["1.0,1.0 2.0,0.0"]),
        (
            [(0.0, 0.0), (1.0, 0.0), None, (2.0, 0.0), (3.0, 0.0)],
            ["0.0,0.0 1.0,0.0", "2.0,0.0 3.0,0.0"],
        ),
    ],
)
def test_a_gap_ends_a_line(points, lines):
    assert polylines(points) == lines
