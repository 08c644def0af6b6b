"""What a model answered worst, written and read again."""

from __future__ import annotations

import math
from pathlib import Path

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.mistakes import Mistake, Mistakes
from documents.reader import parse, read
from documents.writer import write
from tests.there import there

texts = st.text(max_size=20)
numbers = st.floats(allow_nan=False)
mistakes = st.builds(
    Mistake,
    place=st.integers(0, 2**63 - 1),
    answer=texts,
    label=texts,
    wrongness=st.none() | numbers,
    label_score=st.none() | numbers,
)


@given(
    st.builds(
        Mistakes,
        split=texts,
        examples=st.integers(0, 10**9),
        wrong=st.integers(0, 10**9),
        kind=st.sampled_from(["classes", "number", "tags"]),
        worst=st.lists(mistakes, max_size=3).map(tuple),
    )
)
def test_what_is_written_is_read_again(document: Mistakes):
    assert parse(Mistakes, document.encode()) == document


def test_it_lies_beside_the_model_under_its_name(tmp_path: Path):
    first = Mistake(place=3, answer="cat", label="dog", wrongness=math.inf)
    document = Mistakes(split="eval", examples=9, wrong=1, kind="classes", worst=(first,))
    write(document, str(tmp_path / Mistakes.FILE))
    again = there(read(Mistakes, str(tmp_path / "mistakes.json")))
    assert again.worst[0].wrongness == math.inf
    assert again.worst[0].label_score is None


@pytest.mark.parametrize("odd", [{"place": -1}, {"place": "3"}, {"wrongness": "much"}])
def test_what_is_no_mistake_is_refused(odd):
    with pytest.raises(pydantic.ValidationError):
        Mistake.model_validate({"place": 3, "answer": "a", "label": "b", "wrongness": 1.0, **odd})
