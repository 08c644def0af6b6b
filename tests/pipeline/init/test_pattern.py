"""Several files in one word."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.example_gen.formats.format import FormatError
from pipeline.init.pattern import one_pattern


@pytest.mark.parametrize(
    ("names", "others", "pattern"),
    [
        (["trips.csv"], ["more.csv"], "trips.csv"),
        (["trips-1.csv", "trips-2.csv"], ["more.csv"], "trips-*.csv"),
        (["trips-2.csv", "trips-12.csv"], ["more.csv"], "trips-*2.csv"),
        (["a1.csv", "a11.csv"], ["b.csv"], "a1*.csv"),
        (["a.csv", "b.csv"], ["c.tsv"], "*.csv"),
        (["a.csv", "a.csv.gz"], ["b.csv"], "a.csv*"),
        (["trips-1.csv", "trips-2.csv"], ["trips-3.csv"], None),
        (["a.csv", "b.tsv"], ["c.txt"], "*sv"),
        (["x/a.csv", "y/a.csv"], [], None),
    ],
)
def test_the_pattern_fits_these_and_no_others(
    tmp_path: Path, names: list[str], others: list[str], pattern: str | None
):
    paths = [tmp_path / name for name in (*names, *others)]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    asked = [str(path) for path in paths[: len(names)]]
    if pattern is None:
        with pytest.raises(
            FormatError, match=r"^No pattern fits .* and nothing else: put the files"
        ):
            one_pattern(asked)
    else:
        assert one_pattern(asked) == str(tmp_path / pattern)
        assert one_pattern(asked[::-1]) == str(tmp_path / pattern)
