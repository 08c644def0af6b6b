import random

import pytest

from pipeline.init.leaks import LEAK, strength


def rows(classes, count=2_000):
    made = random.Random(0)
    return made, [made.choice(classes) for _ in range(count)]


@pytest.mark.parametrize("classes", ["ab", "abc"])
def test_a_copy_of_the_label_is_found_and_chance_is_not(classes):
    made, labels = rows(classes)
    assert strength([label * 2 for label in labels], labels, is_number=False) == 1
    chance = [str(made.randrange(50)) for _ in labels]
    assert strength(chance, labels, is_number=False) < 0.6
    unique = [str(row) for row in range(len(labels))]
    assert strength(unique, labels, is_number=False) < 0.6


def test_the_area_is_that_of_the_curve():
    made, labels = rows("ab", 20_000)
    numbers = [str(made.gauss(1.0 if label == "b" else 0.0, 1)) for label in labels]
    assert strength(numbers, labels, is_number=True) == pytest.approx(0.760, abs=0.015)
    wide = [str(made.gauss(9.0 if label == "b" else 0.0, 1)) for label in labels]
    assert strength(wide, labels, is_number=True) > LEAK


def test_that_it_is_missing_may_tell_the_label():
    _, labels = rows("ab")
    gone = [None if label == "a" else "1" for label in labels]
    assert strength(gone, labels, is_number=True) == 1


def test_few_rows_and_one_class_tell_nothing():
    assert strength(["1"] * 20, ["a", "b"] * 10, is_number=True) == 0
    assert strength(["1"] * 200, ["a"] * 200, is_number=True) == 0
