"""What a run says of the served model on the test split."""

from __future__ import annotations

import pytest

from documents.final_figures import final_figures


@pytest.mark.parametrize(
    ("accuracy", "r2", "said"),
    [(0.93251, None, ("test accuracy", "0.9325")), (None, -0.5, ("test R²", "-0.5000"))],
)
def test_what_there_is_is_told_with_its_examples(
    accuracy: float | None, r2: float | None, said: tuple[str, str]
) -> None:
    name, figure = said
    whole = f"{figure} on 10,000 test examples, through the served model"
    assert [*final_figures(accuracy, r2, 10_000)] == [(name, whole)]


def test_nothing_is_told_where_nothing_was_asked() -> None:
    assert not [*final_figures(None, None, None)]
