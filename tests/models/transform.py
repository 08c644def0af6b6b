"""A transform graph without a pipeline around it."""

from __future__ import annotations

import functools
from pathlib import Path

import apache_beam as beam
import tensorflow as tf
from tensorflow_transform import beam as tft_beam
from tensorflow_transform.beam.tft_beam_io import WriteMetadata
from tensorflow_transform.tf_metadata import dataset_metadata, schema_utils

from models.preprocessing import preprocessing_fn
from tests import fashion_mnist as features


def write_transform_graph(folder: Path) -> str:
    """Writes what the Transform node makes of our preprocessing, and returns the folder."""
    config = {"declaration": features.DECLARATION.model_dump_json()}
    preprocess = functools.partial(preprocessing_fn, custom_config=config)
    spec = {
        features.IMAGE: tf.io.FixedLenFeature([], tf.string),
        features.LABEL: tf.io.FixedLenFeature([], tf.int64),
    }
    raw = dataset_metadata.DatasetMetadata(schema_utils.schema_from_feature_spec(spec))
    runner = "apache_beam.runners.portability.fn_api_runner.fn_runner.FnApiRunner"
    with beam.Pipeline(runner=runner) as pipeline, tft_beam.Context(temp_dir=str(folder / "temp")):
        examples = pipeline | beam.Create([{features.IMAGE: bytes(784), features.LABEL: 0}])
        transform = (examples, raw) | tft_beam.AnalyzeDataset(preprocess)
        _ = transform | tft_beam.WriteTransformFn(str(folder))
        _ = raw | WriteMetadata(str(folder / "metadata"), pipeline=pipeline)
    return str(folder)
