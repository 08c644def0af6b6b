"""What a run says at its end of how right the served model is on the test split. Pure."""

from __future__ import annotations

from collections.abc import Iterator


def final_figures(
    accuracy: float | None, r2: float | None, examples: int | None
) -> Iterator[tuple[str, str]]:
    """Names and texts of those that there are: a share of right answers, or of variance."""
    for name, value in (("test accuracy", accuracy), ("test R²", r2)):
        if value is not None:
            on = f"on {examples or 0:,} test examples, through the served model"
            yield name, f"{value:.4f} {on}"
