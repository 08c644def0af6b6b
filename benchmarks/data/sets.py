"""The data sets: settings of ours, the figure that is compared, and how near it has to be."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from pipeline.settings import REPOSITORY

_HERE = Path(__file__).resolve().parent / "settings"

AUC, ACCURACY, R2 = "AUC", "accuracy", "R²"


@dataclasses.dataclass(frozen=True)
class DataSet:
    """One data set with the limits of `make bench-data`."""

    config: Path
    measure: str
    below: float
    """How much lower than its peer's the figure of the served model may be."""
    least: float | None = None
    """What the figure has to be in any case."""

    @property
    def name(self) -> str:
        """Of the model too."""
        return self.config.stem


QUICK = (
    "serving_check.growth_requests=200",
    "serving_check.comparison_requests=50",
    "serving_check.backend=embedded",
)
"""Settings of every run: few requests to the candidate, as how it answers is not measured here."""

SETS = (
    DataSet(REPOSITORY / "configs" / "taxi.yaml", AUC, 0.005, least=0.945),
    DataSet(REPOSITORY / "configs" / "reviews.yaml", AUC, 0.01),
    DataSet(_HERE / "titanic.yaml", AUC, 0.01),
    DataSet(_HERE / "breast_cancer.yaml", AUC, 0.01),
    DataSet(_HERE / "penguins.yaml", ACCURACY, 0.01),
    DataSet(_HERE / "diamonds.yaml", R2, 0.003),
    DataSet(_HERE / "chile.yaml", ACCURACY, 0.02),
    DataSet(_HERE / "flights.yaml", AUC, 0.02),
)
TABLES = 7
"""How many of them are compared with gradient boosting."""
MOST_AT_OR_ABOVE = 5
"""A moonshot: of the tables, on how many the served model is not worse at all."""
