"""What is said of the classes of a label."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.init.class_findings import first_of, heads, of_classes, that_are_alike


def test_more_than_ten_names_are_counted() -> None:
    names = [f"n{number}" for number in range(12)]
    assert first_of(names[:10]) == "n0, n1, n2, n3, n4, n5, n6, n7, n8, n9"
    assert first_of(names[:11]).endswith("n9 and 1 more")
    assert first_of(names).endswith("n9 and 2 more")


def test_more_than_ten_classes_are_counted() -> None:
    ten = Counter({f"n{number}": 100 for number in range(10)})
    assert of_classes(ten)[0].endswith("n9 100")
    assert of_classes(ten)[0].startswith("classes        10: n0 100, n1 100")
    assert of_classes(ten + Counter({"n": 90}))[0].endswith("n9 100 and 1 more")


@pytest.mark.parametrize(("seldom", "said"), [(10, []), (9, ["rare"])])
def test_classes_of_few_examples_are_rare(seldom: int, said: list[str]) -> None:
    lines = of_classes(Counter({"usual": 40, "odd": seldom}))
    assert [line.split()[0] for line in lines[1:]] == said
    assert not said or lines[1] == "rare           1 of them with fewer than 10 examples: odd"


@pytest.mark.parametrize(("often", "said"), [(999, []), (1000, ["imbalance"])])
def test_classes_are_uneven_from_a_share_on(often: int, said: list[str]) -> None:
    lines = of_classes(Counter({"usual": often, "middle": 400, "odd": 200}))
    assert [line.split()[0] for line in lines[1:]] == said
    assert not said or lines[1] == (
        "imbalance      5 usual to one odd; always saying usual is right in 62.5%: consider "
        "training.class_weights: balanced"
    )


def test_classes_of_one_name_or_number_are_likely_to_be_one() -> None:
    assert that_are_alike(["a", "b"]) == []
    [line] = that_are_alike(["Red", "red ", "1", "1.0", "b", "\uff22"])
    assert line == (
        "alike?         Red and red , 1 and 1.0, b and \uff22: write classes alike that are one"
    )


def test_the_three_most_frequent_words_have_their_rows() -> None:
    assert heads(Counter("aaabbcd")) == "a in 3 rows, b in 2 rows, c in 1 row"
