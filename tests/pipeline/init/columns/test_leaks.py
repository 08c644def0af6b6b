import random

import pytest

from pipeline.init.columns.leaks import LEAK, LEAK_OF_NUMBER, strength, strength_of_number


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


def test_of_several_classes_it_is_the_share_of_errors_that_is_saved():
    # Each value shows its own class in four rows of five, and the next class in the others.
    labels, cells = [], []
    for row in range(3_000):
        value = row // 2 % 3
        cells.append("xyz"[value])
        labels.append("abc"[(value + (row // 6 % 5 == 0)) % 3])
    assert strength(cells, labels, is_number=False) == pytest.approx(1 - 0.2 / (2 / 3), abs=0.01)


@pytest.mark.parametrize("classes", ["ab", "abc"])
def test_every_second_row_says_what_goes_with_the_value_of_another(classes):
    labels = [classes[row // 2 % len(classes)] for row in range(600)]
    pairs = [str(row // 2) for row in range(600)]
    assert strength(pairs, labels, is_number=False) == 1
    assert strength_of_number(pairs, [float(row // 2) for row in range(600)], is_number=False) == 1


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


def test_a_number_that_only_the_rarest_class_has_is_found():
    labels = ["b" if row % 220 in (0, 3) else "a" for row in range(22_000)]
    fees = ["25.0" if label == "b" else "0.0" for label in labels]
    assert strength(fees, labels, is_number=True) == 1


def test_few_rows_and_one_class_tell_nothing():
    assert strength(["1"] * 20, ["a", "b"] * 10, is_number=True) == 0
    assert strength(["1"] * 200, ["a"] * 200, is_number=True) == 0


def test_what_a_number_is_made_of_is_found_and_what_it_goes_with_is_not():
    made = random.Random(0)
    net = [made.lognormvariate(3, 1) for _ in range(400)]
    price = [1.19 * of for of in net]
    cells = [f"{of:.2f}" for of in net]
    assert strength_of_number(cells, price, is_number=True) > LEAK_OF_NUMBER
    loud = [of * made.uniform(0.7, 1.3) for of in price]
    assert strength_of_number(cells, loud, is_number=True) < 0.97
    towns = [made.randrange(5) for _ in range(400)]
    tolls = [10.0 * of for of in towns]
    assert strength_of_number([f"town {of}" for of in towns], tolls, is_number=False) == 1
    assert strength_of_number([None] * 400, price, is_number=True) < 0.1
    assert strength_of_number(cells[:20], price[:20], is_number=True) == 0
    assert strength_of_number(cells, [5.0] * 400, is_number=True) == 0
