"""KerasTuner's BaseTuner over our training loop, and the tuner_fn that TFX's Tuner calls."""

from __future__ import annotations

import os
from typing import Any

import keras_tuner
from keras_tuner.engine import base_tuner
from keras_tuner.engine import trial as trials_of
from tfx.components.trainer.fn_args_utils import FnArgs
from tfx.components.tuner.component import TunerFnResult

from documents.tuning import FAILED
from models.declaration import Declaration
from models.training import checkpoints, inputs
from models.training.options import TrainingOptions
from models.training.prepared import modules_of
from models.transform_graph import TransformGraph
from models.tuning.bench import Bench
from models.tuning.budget import Budget, NoTimeError, TimeUpError
from models.tuning.default_space import default_space
from models.tuning.journal import Journal
from models.tuning.oracle import Oracle, plain
from models.tuning.rows import load
from models.tuning.study import Study
from models.user_code import PREPROCESS, SEARCH, functions_of

_MOST_FAILED = 5
"""Trials in a row; so many are no chance."""
_PACE = ("minutes", "trials", "folder")
"""What does not change what a search finds on its way."""


def tuner_fn(fn_args: FnArgs) -> TunerFnResult:
    """The search that `fn_args.custom_config` asks for.

    It holds what that of the Trainer does (see models.trainer.run_fn), and `tuning`: `minutes`,
    `trials` (None for as many as there is time for), `metric`, and `folder`, where what was done is
    kept between runs.
    """
    config = fn_args.custom_config
    asked = config["tuning"]
    training = TrainingOptions.validated(config["training"])
    declaration = Declaration.model_validate_json(config["declaration"])
    functions = functions_of(config)
    train_shards = inputs.find_shards(fn_args.train_files)
    eval_shards = inputs.find_shards(fn_args.eval_files)
    told = {**config, "tuning": {k: v for k, v in asked.items() if k not in _PACE}}
    name = checkpoints.fingerprint(
        told, [*train_shards, *eval_shards], fn_args.transform_graph_path
    )
    journal = Journal(os.path.join(asked["folder"], name))
    budget = Budget(asked["minutes"] * 60, journal.seconds)

    space = default_space(declaration, training, functions)
    if SEARCH in functions:
        with functions[SEARCH].blamed():
            functions[SEARCH].load()(space)
    module, modules = modules_of(config)
    transform = TransformGraph(
        fn_args.transform_graph_path, declaration, is_users=PREPROCESS in functions
    )
    bench = Bench(
        declaration,
        transform,
        load(train_shards, transform.parse),
        load(eval_shards, transform.parse),
        asked["metric"],
        budget,
        module=module,
        trainable=bool(config["hub"] and config["hub"]["trainable"]),
        modules=modules,
        functions=functions,
    )
    study = Study(
        bench, journal, budget, training, space.dimensions, asked["metric"], asked["trials"]
    )
    return TunerFnResult(Tuner(study, fn_args.working_dir), {})


class TrialsFailError(RuntimeError):
    """So many trials failed in a row that the next one would, too."""


class _Fatal(keras_tuner.errors.FatalError):
    """Carries what ends a search through KerasTuner, which takes anything else for a bad trial."""


class Tuner(base_tuner.BaseTuner):
    """Runs the trials of a study and confirms what is best."""

    def __init__(self, study: Study, directory: str):
        self.study = study
        super().__init__(
            Oracle(study, study.most), directory=directory, project_name="search", overwrite=True
        )

    def run_trial(self, trial: trials_of.Trial, **kwargs: Any) -> dict[str, float]:
        """The metric of one trial. Raises FailedTrialError where there is none."""
        try:
            found = self.study.run(int(trial.trial_id))
        except Exception as error:
            raise _Fatal(str(error)) from error
        failed = [each.state == FAILED for each in self.study.journal.trials[-_MOST_FAILED:]]
        if len(failed) == _MOST_FAILED and all(failed):
            raise _Fatal from TrialsFailError(
                f"{_MOST_FAILED} trials in a row failed, the last one as {found.reason}."
            )
        if found.value is None:
            raise keras_tuner.errors.FailedTrialError(found.reason)
        return {self.study.metric: found.value}

    def search(self, *fit_args: Any, **fit_kwargs: Any) -> None:
        """Until trials, time or values are used up; then the confirmation.

        What was found is told when the search is interrupted, too.
        """
        study = self.study
        try:
            try:
                super().search(*fit_args, **fit_kwargs)
                study.confirm()
            except _Fatal as fatal:
                cause = fatal.__cause__
                if not isinstance(cause, TimeUpError):
                    raise (cause or fatal) from cause
                study.ended = "time"
                study.confirm()
        except TimeUpError:
            study.ended = "time"
        except KeyboardInterrupt:
            study.tell_interrupted()
            raise
        if not study.journal.trials:
            raise NoTimeError(
                f"The {study.budget.seconds / 60:g} minutes were over before a single trial was:"
                " give more with --minutes; what was done before the search is in the cache now."
            )

    def get_best_hyperparameters(self, num_trials: int = 1) -> list[Any]:
        """What is proposed: the confirmed ones, or the settings as they are."""
        best = self.study.best
        number = best.number if best and self.study.document().proposal else 0
        found = self.oracle.hyperparameters.copy()
        found.values = plain(self.study.journal.trials[number].values)
        return [found]

    def save_model(self, trial_id: str, model: Any, step: int = 0) -> None:
        """Models of trials are not kept."""

    def load_model(self, trial: trials_of.Trial) -> Any:
        """Models of trials are not kept."""
        raise NotImplementedError
