"""Runs TensorFlow Model Analysis and writes down its verdict."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf
import tensorflow_model_analysis as tfma
from apache_beam.utils import shared
from tensorflow_model_analysis.proto import config_pb2
from tfx import types
from tfx.components.evaluator import constants, executor
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import path_utils, proto_utils

from components.baseline.choice import NONE
from components.evaluator import tag_labels
from components.evaluator.coverage import idle, uncovered
from components.evaluator.fitness import first_line, is_fault_of_model, unfit
from components.evaluator.thresholds import thresholds_of
from components.evaluator.values import values
from components.evaluator.verdict import (
    Row,
    Threshold,
    Yardsticks,
    judge,
    refusal,
)
from components.evaluator.yardsticks import measure
from components.subject import DIGEST_KEY, check_unchanged, observe
from components.trainer.record import read_record
from documents.evaluator_verdict import EvaluatorVerdict
from documents.features import Features
from documents.saved_model import EXTRA
from documents.slice import LABEL
from serving.base_path import storage

Artifacts = dict[str, list[types.Artifact]]


class UnfitBaselineError(RuntimeError):
    """The baseline cannot be evaluated, and a threshold asks how much worse a candidate is."""


class Executor(executor.Executor):
    """The standard executor, which drops an empty baseline before and explains itself after."""

    def Do(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Evaluates; outputs as the standard Evaluator, plus `verdict.json` and `reason`.

        A candidate that cannot be evaluated is refused, which is no error.

        Args:
          input_dict: `examples`, `model`, `baseline_model` (a Model, possibly without files).
          output_dict: `evaluation`, `blessing`.
          exec_properties: as the standard Evaluator.

        Raises:
          DamagedError: model or baseline are not what was written.
          ChangedError: they changed during the evaluation.
          UnfitBaselineError: the baseline cannot be evaluated.
        """
        model = artifact_utils.get_single_instance(input_dict[standard_component_specs.MODEL_KEY])
        baseline = artifact_utils.get_single_instance(
            input_dict[standard_component_specs.BASELINE_MODEL_KEY]
        )
        subject = observe(model, baseline)
        eval_config = config_pb2.EvalConfig()
        proto_utils.json_to_proto(
            exec_properties[standard_component_specs.EVAL_CONFIG_KEY], eval_config
        )
        thresholds = thresholds_of(eval_config)
        spec = eval_config.model_specs[0]
        document = storage.read_document(Features, os.path.join(model.uri, Features.FILE))
        if document and document.label.kind == "tags":
            exec_properties = {**exec_properties, "custom_extractors": tag_labels.FUNCTION}
        problem = unfit(path_utils.serving_model_path(model.uri), spec)
        inputs = dict(input_dict)
        if subject.baseline == NONE or (
            problem is None and not _can_compare(baseline, spec, thresholds, document)
        ):
            del inputs[standard_component_specs.BASELINE_MODEL_KEY]
        if problem is None:
            problem = self._evaluate(inputs, output_dict, exec_properties)
            _let_go_of_models()
        check_unchanged(subject, model, baseline)

        if problem is None:
            found = _judged(thresholds, document, inputs, output_dict, exec_properties)
        else:
            found = _Judged(f"Evaluator: the model cannot be evaluated: {problem}.")
        verdict = EvaluatorVerdict(
            blessed=found.reason is None,
            reason=found.reason,
            **subject.keys,
            metrics=tuple(row.written for row in found.rows),
            constant=found.constant,
        )
        blessing = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.BLESSING_KEY]
        )
        blessing.set_string_custom_property(DIGEST_KEY, subject.digest)
        _bless(blessing, model, found.reason)
        storage.write_document(verdict, os.path.join(blessing.uri, EvaluatorVerdict.FILE))

    def _evaluate(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> str | None:
        """Why the candidate cannot be evaluated; None once it was.

        Raises:
          UnfitBaselineError: the candidate can be, the baseline cannot.
        """
        # AutoGraph would spend seconds on converting tf_keras's metrics, which need no conversion.
        evaluate = tf.autograph.experimental.do_not_convert(super().Do)
        try:
            evaluate(input_dict, output_dict, exec_properties)
        except Exception as error:
            if not is_fault_of_model(error):
                raise
            for artifact in output_dict[standard_component_specs.EVALUATION_KEY]:
                if fileio.exists(artifact.uri):
                    fileio.rmtree(artifact.uri)
                fileio.makedirs(artifact.uri)
            baseline = input_dict.get(standard_component_specs.BASELINE_MODEL_KEY)
            if not baseline:
                logging.getLogger(__name__).exception("The candidate cannot be evaluated.")
                return first_line(error)
            alone = dict(input_dict)
            del alone[standard_component_specs.BASELINE_MODEL_KEY]
            problem = self._evaluate(alone, output_dict, exec_properties)
            if problem is None:
                raise UnfitBaselineError(
                    _baseline_problem(baseline[0], first_line(error))
                ) from error
            return problem
        return None


class _Nothing:
    """What Beam keeps instead of a model."""


class _Judged(NamedTuple):
    """What became of a candidate."""

    reason: str | None
    """Why it is refused; None where it is not."""
    rows: Sequence[Row] = ()
    constant: str | None = None
    """What always is the same answer."""


def _judged(
    thresholds: Sequence[Threshold],
    document: Features | None,
    inputs: Artifacts,
    outputs: Artifacts,
    exec_properties: dict[str, Any],
) -> _Judged:
    """The metrics that were measured, held against thresholds, baseline and a constant answer.

    Args:
      document: of the candidate; None of one that comes without.
      inputs: as they were evaluated, so without a baseline that took no part.
    """
    [model] = inputs[standard_component_specs.MODEL_KEY]
    baseline = next(iter(inputs.get(standard_component_specs.BASELINE_MODEL_KEY, ())), None)
    evaluation = artifact_utils.get_single_uri(outputs[standard_component_specs.EVALUATION_KEY])
    found = values(evaluation, tfma.CANDIDATE_KEY if baseline else "")
    constant, yardsticks = (
        measure(inputs["examples"], document.label, thresholds, found, exec_properties)
        if document
        else (None, Yardsticks())
    )
    before = values(evaluation, tfma.BASELINE_KEY) if baseline else {}
    rows = judge(thresholds, found, before, yardsticks)
    for said in idle(thresholds, rows, yardsticks.smallest):
        logging.getLogger("progress").warning("%s", said)
    version = baseline.get_int_custom_property("version") if baseline else None
    names, label = _labels(model.uri)
    reason = refusal(rows, version, names, label, constant=constant or "") or uncovered(
        thresholds, rows
    )
    return _Judged(reason, rows, constant)


def _labels(model: str) -> tuple[Sequence[str], str]:
    """The names of the classes, and of the label itself."""
    document = storage.read_document(Features, os.path.join(model, Features.FILE))
    if document is None:
        return read_record(model).labels or (), LABEL
    return document.label.values or (), document.label.name


def _let_go_of_models() -> None:
    """Has Beam forget the model that TFMA loaded last.

    It keeps one until Python ends (apache_beam/utils/shared.py), when a model with tables can no
    longer be deleted: TensorFlow prints a trace for each table's function.
    """
    shared.Shared().acquire(_Nothing)
    gc.collect()


def _can_compare(
    baseline: types.Artifact,
    spec: config_pb2.ModelSpec,
    thresholds: list[Threshold],
    candidate: Features | None,
) -> bool:
    """Whether the baseline takes part in the evaluation.

    Raises:
      UnfitBaselineError: it cannot, and a threshold needs it.
    """
    folder = path_utils.serving_model_path(baseline.uri)
    problem = unfit(folder, spec) or _labels_moved(folder, candidate)
    if problem is None:
        return True
    if any(threshold.max_drop is not None for threshold in thresholds):
        raise UnfitBaselineError(_baseline_problem(baseline, problem))
    logging.getLogger("progress").warning(
        "baseline version %d is not evaluated: %s",
        baseline.get_int_custom_property("version"),
        problem,
    )
    return False


def _labels_moved(baseline: str, candidate: Features | None) -> str | None:
    """Why the labels of the examples mean another thing to the baseline; None where they do not."""
    before = storage.read_document(Features, os.path.join(baseline, EXTRA, Features.FILE))
    moved = candidate.label.moved(before.label) if candidate and before else None
    return f"its labels stand in another order ({moved} there)" if moved else None


def _baseline_problem(baseline: types.Artifact, problem: str) -> str:
    version = baseline.get_int_custom_property("version")
    return (
        f"Baseline version {version} cannot be evaluated: {problem}; withdraw it with `python -m"
        f" serving withdraw {version} --base-path BASE`, or set no max_drop in evaluation.metrics."
    )


def _bless(blessing: types.Artifact, model: types.Artifact, reason: str | None) -> None:
    """Properties and marker file as the standard executor leaves them, where it blesses at all.

    It does neither where nothing is live and only change thresholds are set.
    """
    blessing.set_string_custom_property(
        constants.ARTIFACT_PROPERTY_CURRENT_MODEL_URI_KEY, model.uri
    )
    blessing.set_int_custom_property(constants.ARTIFACT_PROPERTY_CURRENT_MODEL_ID_KEY, model.id)
    markers = (constants.NOT_BLESSED_FILE_NAME, constants.BLESSED_FILE_NAME)
    for blessed, marker in enumerate(markers):
        path = os.path.join(blessing.uri, marker)
        if blessed == (reason is None):
            blessing.set_int_custom_property(constants.ARTIFACT_PROPERTY_BLESSED_KEY, blessed)
            fileio.makedirs(blessing.uri)
            with fileio.open(path, "w") as file:
                file.write("")
        elif fileio.exists(path):
            fileio.remove(path)
    if reason:
        blessing.set_string_custom_property("reason", reason)
