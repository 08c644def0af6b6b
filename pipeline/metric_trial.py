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
from tensorflow_model_analysis.proto import config_pb2

from documents.shown import shown

FAMILIAR = frozenset(
    {
        "AUC",
        "ExampleCount",
        "MultiClassConfusionMatrixPlot",
        "Precision",
        "Recall",
        "SparseCategoricalAccuracy",
        "SparseCategoricalCrossentropy",
        "SparseTopKCategoricalAccuracy",
    }
)
"""Known to work for labels that are indices and predictions that are probabilities: a trial takes
two seconds, and a test makes it for these."""
FAMILIAR_OF_NUMBERS = frozenset(
    {"ExampleCount", "MeanAbsoluteError", "MeanSquaredError", "RootMeanSquaredError"}
)
"""The same for labels and predictions that are numbers."""
_EXAMPLES = 20
_INNER = "Exception encountered:"
_PLACES = re.compile(r"\{\{.*?\}\}|\[Op:[^\]]*\].*$|<[a-z_.]+\S* object at 0x[0-9a-f]+>")
_LONGEST = 300


def problem(metric: str, classes: int | None) -> str | None:
    """Why TFMA gives no single number for `metric`; None when it does.

    Args:
      metric: class name.
      classes: how many probabilities each prediction has; labels are indices into them. None where
        both are numbers.
    """
    logger = logging.getLogger()
    level, logger.level = logger.level, logging.CRITICAL  # Beam logs the whole trace.
    try:
        # AutoGraph would spend seconds on converting tf_keras's metrics, which need no conversion.
        compute = tf.autograph.experimental.do_not_convert(lambda: list(_computed(metric, classes)))
        names = compute()
    except Exception as error:
        return _cause(error)
    finally:
        logger.setLevel(level)
    wanted = metric.lower()
    if wanted not in (name.replace("_", "").lower() for name in names):
        return "it gives no single number"
    return None


def _computed(metric: str, classes: int | None) -> Iterator[str]:
    """Names, as TFMA has them, of what has a number over all examples."""
    config = config_pb2.EvalConfig(
        model_specs=[config_pb2.ModelSpec(label_key="label", prediction_key="probabilities")],
        slicing_specs=[config_pb2.SlicingSpec()],
        metrics_specs=[
            config_pb2.MetricsSpec(metrics=[config_pb2.MetricConfig(class_name=metric)])
        ],
        options=config_pb2.Options(include_default_metrics={"value": False}),
    )
    random = np.random.default_rng(0)
    labels: list[list[float]]
    if classes is None:
        answers = random.normal(size=(_EXAMPLES, 1)).astype(np.float32)
        labels = [[float(number)] for number in random.normal(size=_EXAMPLES)]
    else:
        answers = random.dirichlet(np.ones(classes), _EXAMPLES).astype(np.float32)
        labels = [[number % classes] for number in range(_EXAMPLES)]
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


def _cause(error: BaseException) -> str:
    """The first line, or that of what it was raised from, which tells more."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [_PLACES.sub("", line).strip() for line in str(error).splitlines()]
    inner = [line.partition(_INNER)[2].strip() for line in lines if _INNER in line]
    found = next((line for line in [*inner, *lines] if line), type(error).__name__)
    return shown(found[:_LONGEST]).rstrip(".: ")


def unfamiliar(metrics: Sequence[str], classes: int | None = 0) -> list[str]:
    """Those that have to be tried, each once; `classes` as for `problem`."""
    known = FAMILIAR_OF_NUMBERS if classes is None else FAMILIAR
    return [name for name in dict.fromkeys(metrics) if name not in known]
