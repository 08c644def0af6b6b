import random

import pytest

from pipeline.init.class_order import in_order


@pytest.mark.parametrize(
    "ordered",
    [
        ["0", "1", "2", "9", "10", "11"],
        ["-10", "-1", "0", "1.5", "2"],
        ["0.5", "0.25e1", "10"],
        ["1", "2", "10", "unknown"],
        ["0-9", "10-19", "100+"],
        ["Cat 2", "Cat 10", "Dog 1"],
        ["001", "01", "1"],
        ["", "a", "b"],
        ["1", "2", "10", "nan"],
        ["Grüner Tee", "thé noir", "кофе"],
        ["\u0661", "\u0662\u0660"],
    ],
)
def test_names_stand_as_people_count(ordered):
    mixed = [*ordered]
    random.Random(0).shuffle(mixed)
    assert in_order(mixed) == ordered
