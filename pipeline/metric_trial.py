"""Tries out metrics on a handful of made-up answers: what TFMA cannot compute is known at once."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Iterator, Sequence

import apache_beam as beam
import numpy as np
import pyarrow as pa
import tensorflow as tf
import tensorflow_model_analysis as tfma
from apache_beam.runners.portability.fn_api_runner import fn_runner
from numpy.typing import NDArray
from tensorflow_model_analysis.proto import config_pb2

from components.evaluator.metric_kinds import MODULES
from documents.shown import shown
from models.labels.kind import LabelKind
from pipeline.beam_workers.signatures import remember_signatures

FAMILIAR = {
    "classes": frozenset(
        {
            "AUC",
            "Calibration",
            "ExampleCount",
            "MultiClassConfusionMatrixPlot",
            "Precision",
            "Recall",
            "SparseCategoricalAccuracy",
            "SparseCategoricalCrossentropy",
            "SparseTopKCategoricalAccuracy",
        }
    ),
    "number": frozenset(
        {
            "ExampleCount",
            "MeanAbsoluteError",
            "MeanSquaredError",
            "R2Score",
            "RootMeanSquaredError",
        }
    ),
    "tags": frozenset(
        {
            "AUC",
            "BinaryAccuracy",
            "BinaryCrossentropy",
            "ExampleCount",
            "F1Score",
            "Precision",
            "Recall",
        }
    ),
}
"""By kind of label, known to work: a trial takes two seconds, and a test makes it for these."""
_COUNT = "ExampleCount"
"""A metric of anything, beside which plots are tried: without any, TFMA reads no results."""
_EXAMPLES = 20
_INNER = "Exception encountered:"
_PLACES = re.compile(r"\{\{.*?\}\}|\[Op:[^\]]*\].*$|<[a-z_.]+\S* object at 0x[0-9a-f]+>")
_LONGEST = 300


def problems(metrics: Sequence[str], label: LabelKind) -> dict[str, str]:
    """Why TFMA gives no single number for some of `metrics` of such a label, by metric.

    All are tried at once, which takes as long as one; one by one only where that fails.

    Args:
      metrics: class names.
      label: labels are indices of classes beside a probability of each, or numbers beside
        numbers, or a one or a zero for each tag beside its probability.
    """
    found = _tried(metrics, label)
    if isinstance(found, str) and len(metrics) > 1:
        return {name: said for each in metrics for name, said in problems([each], label).items()}
    if isinstance(found, str):
        return dict.fromkeys(metrics, found)
    numbers = {name.replace("_", "").lower() for name in found}
    return {name: "it gives no single number" for name in metrics if name.lower() not in numbers}


def problems_of_plots(plots: Sequence[str], label: LabelKind) -> dict[str, str]:
    """Why TFMA cannot draw some of `plots` of such a label, by plot; see `problems`."""
    found = _tried([*plots, _COUNT], label) if plots else []
    if not isinstance(found, str):
        return {}
    if len(plots) == 1:
        return dict.fromkeys(plots, found)
    return {name: said for each in plots for name, said in problems_of_plots([each], label).items()}


def _tried(metrics: Sequence[str], label: LabelKind) -> list[str] | str:
    """Names of what has a number; or why nothing could be computed."""
    if not metrics:
        return []
    remember_signatures()
    logger = logging.getLogger()
    level, logger.level = logger.level, logging.CRITICAL  # Beam logs the whole trace.
    try:
        # AutoGraph would spend seconds on converting tf_keras's metrics, which need no conversion.
        compute = tf.autograph.experimental.do_not_convert(lambda: list(_computed(metrics, label)))
        computed: list[str] = compute()
    except Exception as error:
        return _cause(error)
    finally:
        logger.setLevel(level)
    return computed


def _computed(metrics: Sequence[str], label: LabelKind) -> Iterator[str]:
    """Names, as TFMA has them, of what has a number over all examples."""
    config = config_pb2.EvalConfig(
        model_specs=[config_pb2.ModelSpec(label_key="label", prediction_key="probabilities")],
        slicing_specs=[config_pb2.SlicingSpec()],
        metrics_specs=[
            config_pb2.MetricsSpec(
                metrics=[
                    config_pb2.MetricConfig(class_name=name, module=MODULES.get(name, ""))
                    for name in metrics
                ]
            )
        ],
        options=config_pb2.Options(include_default_metrics={"value": False}),
    )
    random = np.random.default_rng(0)
    answers, labels = _made_up(label, random)
    batch = pa.RecordBatch.from_arrays(
        [pa.array(labels), pa.array(list(answers))], ["label", "probabilities"]
    )
    with tempfile.TemporaryDirectory(prefix="metric_trial-") as folder:
        # Not analyze_raw_data, whose Beam may try to download a runner.
        with beam.Pipeline(runner=fn_runner.FnApiRunner()) as pipeline:
            _ = (
                pipeline
                | beam.Create([batch])
                | tfma.ExtractEvaluateAndWriteResults(eval_config=config, output_path=folder)
            )
        for _, outputs in tfma.load_eval_result(folder).slicing_metrics:
            for by_sub_key in outputs.values():
                for name, value in by_sub_key.get("", {}).items():
                    if "doubleValue" in value:
                        yield name


def _made_up(
    label: LabelKind, random: np.random.Generator
) -> tuple[NDArray[np.float32], list[list[float]]]:
    """Predictions [_EXAMPLES, width] and labels."""
    width = len(label.names or ".")
    if label.kind == "number":
        answers, labels = random.normal(size=(2, _EXAMPLES, 1))
        return answers.astype(np.float32), labels.tolist()
    if label.kind == "tags":
        answers = random.random((_EXAMPLES, width)).astype(np.float32)
        return answers, random.integers(0, 2, (_EXAMPLES, width)).astype(float).tolist()
    answers = random.dirichlet(np.ones(width), _EXAMPLES).astype(np.float32)
    return answers, [[float(number % width)] for number in range(_EXAMPLES)]


def _cause(error: BaseException) -> str:
    """The first line, or that of what it was raised from, which tells more."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [_PLACES.sub("", line).strip() for line in str(error).splitlines()]
    inner = [line.partition(_INNER)[2].strip() for line in lines if _INNER in line]
    found = next((line for line in [*inner, *lines] if line), type(error).__name__)
    return shown(found[:_LONGEST]).rstrip(".: ")


def unfamiliar(metrics: Sequence[str], label: LabelKind) -> list[str]:
    """Those that have to be tried, each once."""
    return [name for name in dict.fromkeys(metrics) if name not in FAMILIAR[label.kind]]
