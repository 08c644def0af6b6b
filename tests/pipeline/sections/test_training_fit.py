"""Options of a training that would do nothing are refused, each in one sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.settings import SettingsError, load_settings

TABLE = """
name: trips
data: {format: csv, files: trips.csv}
features: {fare: {kind: number}}
label: {name: tip, kind: classes, values: ["no", "yes"]}
"""
NUMBER = "label={name: tip, kind: number}"
TAGS = "label={name: tip, kind: tags, values: [a, b]}"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "trips.yaml"
    path.write_text(TABLE)
    return path


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["training.augment=true"], "`training.augment` in --set is refused: it changes images"),
        ([NUMBER, "training.label_smoothing=0.1"], "`training.label_smoothing` .* is a number"),
        ([NUMBER, "training.class_weights=balanced"], "the label is of kind number; leave it out"),
        ([TAGS, "training.class_weights={a: 2.0}"], "the label is of kind tags; leave it out"),
        (["training.class_weights={Yes: 2.0}"], "class_weights.Yes` .* no such class; write 'yes'"),
        (["training.class_weights=balance"], "`training.class_weights` = 'balance' .*'balanced'"),
        (["training.class_weights={yes: 0.0}"], "`training.class_weights.yes` = 0.0 .* greater"),
        (["training.early_stopping={}"], "`training.early_stopping.patience` is missing"),
        (["training.early_stopping={patience: 0}"], "early_stopping.patience` = 0 .* greater"),
        (["training.early_stopping.patient=1"], "did you mean `training.early_stopping.patience`"),
    ],
)
def test_what_does_nothing_is_refused(config: Path, overrides: list[str], said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(config, overrides)
    assert re.search(said, str(caught.value))
    assert "\n" not in str(caught.value)


def test_records_have_what_is_done(config: Path) -> None:
    training = load_settings(config).training
    assert (training.augment, training.label_smoothing) == (False, 0.1)
    training = load_settings(config, [NUMBER, "training.label_smoothing=0.0"]).training
    assert (training.augment, training.label_smoothing) == (False, 0.0)
    training = load_settings(config, ["training.augment=false"]).training
    assert not training.augment
    training = load_settings(config, ["training.class_weights={yes: 2.0}"]).training
    assert training.class_weights == {"yes": 2.0}


def test_the_metrics_go_with_the_label(config: Path) -> None:
    def names(*overrides: str) -> list[str]:
        metrics = load_settings(config, overrides).evaluation.metrics
        return [metric.metric for metric in metrics]

    assert names() == ["AUC", "SparseCategoricalAccuracy", "Calibration"]
    assert names(NUMBER)[0] == "R2Score"
    assert names(TAGS)[0] == "AUC"
    assert names("label.values=[a, b, c]")[0] == "SparseCategoricalAccuracy"
    assert names("evaluation.metrics=[{metric: Recall, overall: {min: 0.1}}]") == ["Recall"]
