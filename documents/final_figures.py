"""How right a served model is on the test split, as a run, a check and inspection name it. Pure."""

from __future__ import annotations

from collections.abc import Iterator


def named_figures(accuracy: float | None, r2: float | None) -> dict[str, float]:
    """Those that there are, by name: a share of right answers, or of variance."""
    figures = {"test accuracy": accuracy, "test R²": r2}
    return {name: value for name, value in figures.items() if value is not None}


def final_figures(
    accuracy: float | None, r2: float | None, examples: int | None
) -> Iterator[tuple[str, str]]:
    """Names and texts of those that there are, as they end a run."""
    for name, value in named_figures(accuracy, r2).items():
        yield name, f"{value:.4f} on {examples or 0:,} test examples, through the served model"
