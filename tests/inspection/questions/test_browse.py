"""Everything of a kind, and of a type."""

from __future__ import annotations

import pytest

import inspection
from tests.inspection.recorded_runs import RECORDED


@pytest.mark.parametrize(
    ("kind", "type", "said"),
    [
        ("artifacts", "Model", "The store has 4 artifacts of type Model."),
        ("artifacts", "Modl", "The store has no artifacts of type Modl; there are those of type"),
        ("artifacts", "Modl", "of type Model."),
        (
            "contexts",
            "xyz",
            "there are those of type execution_cache,",
        ),
        ("types", "Model", "The store has 1 type."),
    ],
)
def test_a_type_is_told_as_it_was_asked_for(kind: str, type: str, said: str) -> None:
    headline = inspection.open_store(RECORDED).browse(kind, type=type).headline
    assert said in headline
    assert headline.endswith(".")
