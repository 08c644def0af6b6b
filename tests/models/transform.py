"""A transform graph without a pipeline around it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
from tensorflow_transform import beam as tft_beam
from tensorflow_transform.beam.tft_beam_io import WriteMetadata
from tensorflow_transform.tf_metadata import dataset_metadata

from models.declaration import Declaration
from models.preprocessing import preprocessing_fn
from models.schema import derive
from models.user_code import UserFunction
from tests import fashion_mnist

RUNNER = "apache_beam.runners.portability.fn_api_runner.fn_runner.FnApiRunner"


def write_transform_graph(
    folder: Path,
    declaration: Declaration = fashion_mnist.DECLARATION,
    rows: Sequence[Mapping[str, Any]] = ({"image": bytes(784), "label": 0},),
    code: Mapping[str, UserFunction] | None = None,
) -> str:
    """Writes what the Transform node makes of our preprocessing, and returns the folder.

    Args:
      rows: examples: values in lists where they may be missing.
      code: functions of a user's, by name.
    """
    told = {name: function.model_dump() for name, function in (code or {}).items()}
    config = {"declaration": declaration.model_dump_json(), "code": told}
    preprocess = functools.partial(preprocessing_fn, custom_config=config)
    raw = dataset_metadata.DatasetMetadata(derive(declaration))
    with beam.Pipeline(runner=RUNNER) as pipeline, tft_beam.Context(temp_dir=str(folder / "temp")):
        examples = pipeline | beam.Create(list(rows))
        transform = (examples, raw) | tft_beam.AnalyzeDataset(preprocess)
        _ = transform | tft_beam.WriteTransformFn(str(folder))
        _ = raw | WriteMetadata(str(folder / "metadata"), pipeline=pipeline)
    return str(folder)
