from collections import Counter

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.example_gen.splits import SplitOptions, split_called
from documents.cells.cell import CellError


@given(st.binary(max_size=50))
def test_equal_content_falls_into_one_split(content):
    assert SplitOptions().chooser()(content, None) == SplitOptions().chooser()(content, None)


def test_shares_hold():
    choose = SplitOptions(train=6, eval=3, test=1).chooser()
    counts = Counter(choose(str(row).encode(), None) for row in range(20_000))
    assert counts["train"] == pytest.approx(12_000, rel=0.03)
    assert counts["eval"] == pytest.approx(6_000, rel=0.05)
    assert counts["test"] == pytest.approx(2_000, rel=0.1)


def test_without_test():
    choose = SplitOptions(test=0).chooser()
    assert {choose(str(row).encode(), None) for row in range(1_000)} == {"train", "eval"}


def test_a_group_may_be_the_beginning_of_a_cell():
    choose = SplitOptions(by="group", column="id", before="_").chooser()
    for group in map(str, range(50)):
        assert len({choose(b"", f"{group}_{part}") for part in range(5)}) == 1
    assert len({choose(b"", f"{group}_1") for group in range(50)}) == 3
    assert choose(b"", "7") == choose(b"", "7_3")
    with pytest.raises(CellError, match="belongs to no group"):
        choose(b"", "_3")


def test_a_group_stays_together():
    choose = SplitOptions(by="group", column="patient").chooser()
    assert len({choose(str(row).encode(), "p 17") for row in range(100)}) == 1
    assert choose(b"a", "p 17 ") == choose(b"b", "p 17")
    with pytest.raises(CellError, match="belongs to no group"):
        choose(b"", " ")


def test_a_group_of_a_number_is_the_same_with_a_fraction():
    choose = SplitOptions(by="group", column="patient").chooser()
    for patient in range(50):
        cells = (patient, float(patient), f"{patient}", f"{patient}.0", f" {patient}.00 ")
        assert len({choose(b"", cell) for cell in cells}) == 1
    assert len({choose(b"", f"{patient}.0") for patient in range(50)}) == 3


def test_a_column_names_the_split():
    choose = SplitOptions(by="column", column="part").chooser()
    found = [choose(b"", name) for name in ("train", "Validation", " TEST")]
    assert found == ["train", "eval", "test"]
    with pytest.raises(CellError, match="holds 'tarin', which names no split"):
        choose(b"", "tarin")
    assert split_called("holdout") is None


def test_eval_may_be_taken_from_train():
    options = SplitOptions(by="column", column="part", train=1, eval=1, eval_from_train=True)
    choose = options.chooser()
    counts = Counter(choose(str(row).encode(), "train") for row in range(1_000))
    assert counts["eval"] == pytest.approx(500, rel=0.1)
    assert counts["train"] == 1_000 - counts["eval"]
    assert choose(b"", "test") == "test"


def test_time_cuts():
    options = SplitOptions(by="time", column="day", eval_from="2026-01-01", test_from="2026-02-01")
    choose = options.chooser()
    days = ["2025-12-31", "2026-01-01", "2026-01-31T23:59:59", "2026-02-01", "2031-01-01"]
    assert [choose(b"", day) for day in days] == ["train", "eval", "eval", "test", "test"]
    with pytest.raises(CellError, match="no place in time"):
        choose(b"", "")
    with pytest.raises(CellError, match="no date such as"):
        choose(b"", "yesterday")


def test_dates_of_another_format():
    options = SplitOptions(by="time", column="day", eval_from="2026-01-02", format="%d.%m.%Y")
    choose = options.chooser()
    assert [choose(b"", day) for day in ("01.01.2026", "02.01.2026")] == ["train", "eval"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"by": "group"}, "by: group needs column"),
        ({"column": "day"}, "by: content needs no column"),
        ({"by": "time", "column": "day"}, "by: time needs eval_from"),
        ({"eval_from": "2026-01-01"}, "eval_from is for by: time"),
        ({"by": "time", "column": "day", "eval_from": "soon"}, "no date such as"),
        (
            {"by": "time", "column": "d", "eval_from": "2026-02-01", "test_from": "2026-01-01"},
            "test_from must be later",
        ),
        ({"by": "order"}, "content"),
        ({"eval_from_train": True}, "eval_from_train is for by: column"),
        ({"train": 0}, "greater than or equal to 1"),
    ],
)
def test_what_does_not_fit_together(options, why):
    with pytest.raises(pydantic.ValidationError, match=why):
        SplitOptions(**options)
