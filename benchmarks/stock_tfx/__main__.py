"""TFX's stock wiring: the components and defaults of its own mnist example, on our network.

Source: https://github.com/tensorflow/tfx/tree/master/tfx/examples/mnist. Two things differ: the
splits are given rather than hashed, and Beam runs in this process, as it does for the pipeline.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

import tensorflow_model_analysis as tfma
from tfx import v1 as tfx

USER_CODE = Path(__file__).with_name("user_code.py")
MIN_ACCURACY = 0.5
"""Low enough to be passed always: what is compared here is the work, not the verdict."""


def create_pipeline(
    data: Path,
    root: Path,
    steps: int,
    eval_steps: int,
    config: dict[str, Any],
    beam_args: list[str],
) -> tfx.dsl.Pipeline:
    """The graph of the example.

    Args:
      data: folder that image_floats.py wrote.
      root: folder for artifacts, metadata and the base path.
      steps: batches to train on.
      eval_steps: batches of Keras's validation.
      config: custom_config of the Trainer.
      beam_args: options for Beam.
    """
    splits = [
        tfx.proto.Input.Split(name=name, pattern=f"{name}/*") for name in ("train", "eval", "test")
    ]
    example_gen = tfx.components.ImportExampleGen(
        input_base=str(data), input_config=tfx.proto.Input(splits=splits)
    )
    examples = example_gen.outputs["examples"]
    statistics_gen = tfx.components.StatisticsGen(examples=examples)
    statistics = statistics_gen.outputs["statistics"]
    schema_gen = tfx.components.SchemaGen(statistics=statistics, infer_feature_shape=True)
    schema = schema_gen.outputs["schema"]
    example_validator = tfx.components.ExampleValidator(statistics=statistics, schema=schema)
    transform = tfx.components.Transform(
        examples=examples, schema=schema, module_file=os.fspath(USER_CODE)
    )
    trainer = tfx.components.Trainer(
        module_file=os.fspath(USER_CODE),
        examples=transform.outputs["transformed_examples"],
        transform_graph=transform.outputs["transform_graph"],
        schema=schema,
        train_args=tfx.proto.TrainArgs(num_steps=steps),
        eval_args=tfx.proto.EvalArgs(num_steps=eval_steps),
        custom_config=config,
    )
    threshold = tfma.MetricThreshold(
        value_threshold=tfma.GenericValueThreshold(lower_bound={"value": MIN_ACCURACY})
    )
    metric = tfma.MetricConfig(class_name="SparseCategoricalAccuracy", threshold=threshold)
    evaluator = tfx.components.Evaluator(
        examples=examples,
        model=trainer.outputs["model"],
        eval_config=tfma.EvalConfig(
            model_specs=[tfma.ModelSpec(label_key="image_class")],
            slicing_specs=[tfma.SlicingSpec()],
            metrics_specs=[tfma.MetricsSpec(metrics=[metric])],
        ),
    )
    pusher = tfx.components.Pusher(
        model=trainer.outputs["model"],
        model_blessing=evaluator.outputs["blessing"],
        push_destination=tfx.proto.PushDestination(
            filesystem=tfx.proto.PushDestination.Filesystem(base_directory=str(root / "serving"))
        ),
    )
    return tfx.dsl.Pipeline(
        pipeline_name="stock_mnist",
        pipeline_root=str(root / "artifacts"),
        components=[
            example_gen,
            statistics_gen,
            schema_gen,
            example_validator,
            transform,
            trainer,
            evaluator,
            pusher,
        ],
        enable_cache=True,
        metadata_connection_config=tfx.orchestration.metadata.sqlite_metadata_connection_config(
            str(root / "metadata.db")
        ),
        beam_pipeline_args=[*beam_args],
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.stock_tfx", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder that image_floats.py wrote"
    )
    parser.add_argument("--root", type=Path, required=True, help="folder for all that it makes")
    parser.add_argument("--steps", type=int, required=True, help="batches to train on")
    parser.add_argument("--eval-steps", type=int, required=True, help="batches of the validation")
    parser.add_argument("--config", type=json.loads, required=True, help="the Trainer's, as JSON")
    parser.add_argument("--beam-args", type=json.loads, default=[], help="a JSON list")
    tfx.orchestration.LocalDagRunner().run(create_pipeline(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
