"""What TensorFlow Model Analysis measures of several models on the same examples."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence

import tensorflow as tf
import tensorflow_model_analysis as tfma
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.utils import shared
from tensorflow_model_analysis.proto import config_pb2

from components.evaluator import tag_labels
from components.evaluator.values import values
from components.evaluator.verdict import Values


def evaluate(
    models: Mapping[str, str],
    model_type: str,
    examples: str,
    eval_config: config_pb2.EvalConfig,
    output: str,
    beam_args: Sequence[str],
    *,
    has_tags: bool = False,
) -> dict[str, Values]:
    """Every metric on every slice, by the name of the model.

    Args:
      models: folders by name.
      model_type: tfma.TF_GENERIC for SavedModels, tfma.TF_LITE for folders with a file `tflite`.
      examples: pattern of TFRecords of tf.Examples.
      eval_config: of the Evaluator; its thresholds and plots are left out.
      output: a folder for what TFMA writes.
      beam_args: how Beam runs.
      has_tags: whether the label is tags, whose names stand in the first model's `features.json`.
    """
    config = _config(eval_config, [*models], model_type)
    alone = len(models) == 1
    shared_models = [
        tfma.default_eval_shared_model(
            eval_saved_model_path=folder,
            model_name="" if alone else name,
            eval_config=config,
        )
        for name, folder in models.items()
    ]
    shared_model = shared_models[0] if alone else shared_models
    # AutoGraph would spend seconds on converting tf_keras's metrics, which need no conversion.
    run = tf.autograph.experimental.do_not_convert(tfma.run_model_analysis)
    run(
        eval_shared_model=shared_model,
        eval_config=config,
        data_location=examples,
        output_path=output,
        extractors=tag_labels.extractors(shared_model, config, None) if has_tags else None,
        pipeline_options=PipelineOptions([*beam_args]),
    )
    # Beam keeps the model that it loaded last until Python ends.
    shared.Shared().acquire(_Nothing)
    gc.collect()
    return {name: values(output, "" if alone else name) for name in models}


class _Nothing:
    """What Beam keeps instead of a model."""


def _config(
    given: config_pb2.EvalConfig, names: Sequence[str], model_type: str
) -> config_pb2.EvalConfig:
    config = config_pb2.EvalConfig()
    config.CopyFrom(given)
    [spec] = given.model_specs
    del config.model_specs[:]
    for name in names:
        own = config.model_specs.add()
        own.CopyFrom(spec)
        own.name = "" if len(names) == 1 else name
        own.model_type = model_type
        if model_type == tfma.TF_LITE:
            # Its only output is the prediction.
            own.signature_name = own.prediction_key = ""
    for metrics in config.metrics_specs:
        kept = [metric for metric in metrics.metrics if not metric.class_name.endswith("Plot")]
        del metrics.metrics[:]
        for metric in kept:
            del metric.per_slice_thresholds[:]
            metric.ClearField("threshold")
            metrics.metrics.append(metric)
        metrics.model_names[:] = [] if len(names) == 1 else names
    return config
