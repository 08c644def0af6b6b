"""What is compared with reading and transforming: python -m benchmarks.data.stock PART …

examples FOLDER ROOT    TFX's CsvExampleGen over a folder of CSV files
transform ROOT WAY      TensorFlow Transform's analysis of a run's train split, with `packed`
                        analyzers, as this project has them, or with one for `each` column
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

RUNNER = "apache_beam.runners.portability.fn_api_runner.fn_runner.FnApiRunner"


def examples(folder: str, root: str) -> None:
    """Runs a pipeline of CsvExampleGen alone."""
    from tfx.components import CsvExampleGen
    from tfx.orchestration import metadata, pipeline
    from tfx.orchestration.local.local_dag_runner import LocalDagRunner

    LocalDagRunner().run(
        pipeline.Pipeline(
            pipeline_name="stock",
            pipeline_root=f"{root}/artifacts",
            components=[CsvExampleGen(input_base=folder)],
            metadata_connection_config=metadata.sqlite_metadata_connection_config(
                f"{root}/metadata.db"
            ),
            beam_pipeline_args=[f"--runner={RUNNER}"],
        )
    )


def transform(root: str, way: str) -> None:
    """Prints the CPU seconds of the analysis with the reading of examples, imports left out."""
    import apache_beam as beam
    from tensorflow_transform import beam as tft_beam
    from tfx_bsl.public import tfxio

    from benchmarks.data.sets import SETS
    from models.preprocessing import preprocessing_fn
    from models.schema import derive
    from pipeline.settings import load_settings

    declaration = load_settings(SETS[0].config).declaration
    custom = {"declaration": declaration.model_dump_json()}

    def packed(inputs: Mapping[str, Any]) -> dict[str, Any]:
        return preprocessing_fn(inputs, custom)

    def each(inputs: Mapping[str, Any]) -> dict[str, Any]:
        found = {}
        for name, values in inputs.items():
            if name == declaration.label.name:
                found[name] = values
            elif values.dtype == tf.string:
                found[name] = tft.compute_and_apply_vocabulary(values, top_k=1_000)
            else:
                found[name] = tft.bucketize(values, 32)
        return found

    # As the node reads them: record batches of Arrow.
    shards = str(next(Path(root).glob("artifacts/ExampleGen/examples/*/Split-train"))) + "/*"
    source = tfxio.TFExampleRecord(
        shards, telemetry_descriptors=["bench"], schema=derive(declaration)
    )
    start = time.process_time()
    with (
        tempfile.TemporaryDirectory() as folder,
        beam.Pipeline(runner=RUNNER) as pipeline,
        tft_beam.Context(temp_dir=folder),
    ):
        batches = pipeline | source.BeamSource()
        metadata = source.TensorAdapterConfig()
        analyze = tft_beam.AnalyzeDataset(packed if way == "packed" else each)
        _ = (batches, metadata) | analyze | tft_beam.WriteTransformFn(f"{folder}/graph")
    print(json.dumps({"cpu_seconds": time.process_time() - start}))


if __name__ == "__main__":
    {"examples": examples, "transform": transform}[sys.argv[1]](*sys.argv[2:])
