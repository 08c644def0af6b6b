"""KerasTuner's Oracle, which asks a study."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import keras_tuner
from keras_tuner.engine import trial as trials_of

from documents.tuning import Dimension, Trial
from models.tuning.metrics import METRICS
from models.tuning.study import Study

_MANY = 100_000
"""Trials, where only the time is bounded."""


class Oracle(keras_tuner.Oracle):
    """Says what is tried next: first the settings as they are, then what `propose` gives."""

    def __init__(self, study: Study, most: int | None):
        """Goes on from what the study's journal holds."""
        self.study = study
        metric = METRICS[study.metric]
        direction = "max" if metric.higher_is_better else "min"
        super().__init__(
            objective=keras_tuner.Objective(study.metric, direction),
            max_trials=most or _MANY,
            hyperparameters=_hyperparameters(study.dimensions, study.defaults),
            seed=study.training.seed + 1,  # 0 would be drawn by chance
            max_consecutive_failed_trials=_MANY,
        )
        self.verbose = 0
        for trial in study.journal.trials:
            self._put(trial)

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """As KerasTuner asks for."""
        values = self.study.next_values(len(self.trials))
        if values is None:
            return {"status": trials_of.TrialStatus.STOPPED}
        return {"status": trials_of.TrialStatus.RUNNING, "values": plain(values)}

    def _put(self, done: Trial) -> None:
        """One that was run before."""
        hyperparameters = self.hyperparameters.copy()
        hyperparameters.values = plain(done.values)
        width = len(str(self.max_trials))
        trial = trials_of.Trial(hyperparameters, f"{done.number:0{width}d}")
        if done.value is None:
            trial.status, trial.message = trials_of.TrialStatus.FAILED, done.reason
        else:
            trial.status, trial.score = trials_of.TrialStatus.COMPLETED, done.value
            trial.metrics.register(self.study.metric, direction=self.objective.direction)
            trial.metrics.update(self.study.metric, done.value)
        self.trials[trial.trial_id] = trial
        self.start_order.append(trial.trial_id)
        self.end_order.append(trial.trial_id)
        self._record_values(trial)


def _hyperparameters(
    dimensions: Sequence[Dimension], defaults: Mapping[str, Any]
) -> keras_tuner.HyperParameters:
    """The dimensions as KerasTuner knows them: lists are choices among texts of JSON."""
    found = keras_tuner.HyperParameters()
    for dimension in dimensions:
        sampling = "log" if dimension.log else "linear"
        if dimension.values is not None:
            found.Choice(dimension.key, [_scalar(value) for value in dimension.values])
        elif dimension.kind == "whole":
            low, high = int(dimension.low or 0), int(dimension.high or 0)
            found.Int(dimension.key, low, high, sampling=sampling)
        else:
            found.Float(dimension.key, dimension.low or 0.0, dimension.high, sampling=sampling)
    found.values = plain(defaults)
    return found


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same with lists, mappings and null as JSON texts, which Keras Tuner can choose from."""
    return {key: _scalar(value) for key, value in values.items()}


def _scalar(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict | type(None)) else value
