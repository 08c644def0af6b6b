"""What scikit-learn makes of the very examples of a run: python -m benchmarks.data.peer ROOT CONFIG

Prints as JSON the figures on the split `test` and the CPU seconds of learning, imports left out.
"""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.data.figures import figures
from benchmarks.data.rows import rows_of
from models.declaration import Declaration
from pipeline.settings import load_settings

MOST_CATEGORIES = 250
"""Of a column, as HistGradientBoosting takes 255 at most; the others are missing."""


def boosted(declaration: Declaration, train: pd.DataFrame, labels: Any, test: pd.DataFrame) -> Any:
    """Predictions of HistGradientBoosting as it is, told which columns are categories."""
    categories = []
    for place, (name, kind) in enumerate(declaration.used.items()):
        if kind.kind == "date":
            for frame in (train, test):
                moments = pd.to_datetime(frame[name], errors="coerce")
                frame[name] = (moments - pd.Timestamp(0)).dt.total_seconds()
        elif kind.STORED != "FLOAT":
            found = train[name].value_counts().index[:MOST_CATEGORIES]
            codes = {value: code for code, value in enumerate(found)}
            for frame in (train, test):
                frame[name] = frame[name].map(codes).astype(float)
            categories.append(place)
    is_number = declaration.label.kind == "number"
    kind_ = HistGradientBoostingRegressor if is_number else HistGradientBoostingClassifier
    model = kind_(categorical_features=categories, random_state=0).fit(train, labels)
    return model.predict(test) if is_number else model.predict_proba(test)


def weighted_words(name: str, train: pd.DataFrame, labels: Any, test: pd.DataFrame) -> Any:
    """Probabilities of a logistic regression on TF-IDF of words and pairs of them."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    vectors = vectorizer.fit_transform(train[name].fillna(""))
    model = LogisticRegression(max_iter=1_000).fit(vectors, labels)
    return model.predict_proba(vectorizer.transform(test[name].fillna("")))


def main(root: Path, config: Path) -> None:
    declaration = load_settings(config).declaration
    examples: dict[str, tuple[pd.DataFrame, NDArray[Any]]] = {
        split: rows_of(root, declaration, split) for split in ("train", "test")
    }
    (train, labels), (test, wanted) = examples["train"], examples["test"]
    start = time.process_time()
    texts = [name for name, kind in declaration.used.items() if kind.kind == "text"]
    if texts:
        found = weighted_words(texts[0], train, labels, test)
    else:
        found = boosted(declaration, train, labels, test)
    seconds = time.process_time() - start
    result = {**figures(np.asarray(found), wanted), "cpu_seconds": seconds}
    print(json.dumps({name: _finite(value) for name, value in result.items()}))


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
