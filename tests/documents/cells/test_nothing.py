"""What is missing where a model learns is missing where it is asked."""

from __future__ import annotations

import math

import pytest

from documents.cells.nothing import NOTHING
from models.features.number.kind import Number
from serving.clients import columns
from serving.clients.signatures import Input


@pytest.mark.parametrize("word", sorted(NOTHING))
def test_a_word_for_nothing_is_no_number_wherever_it_stands(word: str) -> None:
    for cell in (word, word.upper(), f" {word} "):
        assert Number(kind="number").value(cell) is None
        row = columns.from_words([f"fare={cell}"])
        asked = columns.instance(row, [Input("fare", "DT_FLOAT", (-1,))])
        assert math.isnan(asked["fare"])
