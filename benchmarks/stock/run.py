"""TFX's own wiring of its MNIST example, around the same network and for as many steps.

Follows tfx/examples/mnist/mnist_pipeline_native_keras.py upstream: ImportExampleGen,
StatisticsGen, an inferred schema, ExampleValidator, a Transform that analyzes and materializes, a
Trainer around Keras's fit, Evaluator, Pusher, run by LocalDagRunner.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from tensorflow_model_analysis.proto import config_pb2
from tfx import v1 as tfx

MODULE = str(Path(__file__).with_name("module.py"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder made by prepare.py")
    parser.add_argument("--module", type=Path, required=True, help="TensorFlow Hub module")
    parser.add_argument("--root", type=Path, required=True, help="folder for all outputs")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=5e-3)
    options = parser.parse_args()

    splits = [tfx.proto.Input.Split(name=name, pattern=f"{name}/*") for name in ("train", "eval")]
    example_gen = tfx.components.ImportExampleGen(
        input_base=str(options.data), input_config=tfx.proto.Input(splits=splits)
    )
    examples = example_gen.outputs["examples"]
    statistics_gen = tfx.components.StatisticsGen(examples=examples)
    schema_gen = tfx.components.SchemaGen(
        statistics=statistics_gen.outputs["statistics"], infer_feature_shape=True
    )
    validator = tfx.components.ExampleValidator(
        statistics=statistics_gen.outputs["statistics"], schema=schema_gen.outputs["schema"]
    )
    transform = tfx.components.Transform(
        examples=examples, schema=schema_gen.outputs["schema"], module_file=MODULE
    )
    trainer = tfx.components.Trainer(
        module_file=MODULE,
        examples=transform.outputs["transformed_examples"],
        transform_graph=transform.outputs["transform_graph"],
        schema=schema_gen.outputs["schema"],
        train_args=tfx.proto.TrainArgs(num_steps=options.steps),
        eval_args=tfx.proto.EvalArgs(num_steps=1),
        custom_config={
            "module": str(options.module),
            "batch_size": options.batch_size,
            "learning_rate": options.learning_rate,
        },
    )
    evaluator = tfx.components.Evaluator(
        examples=examples, model=trainer.outputs["model"], eval_config=_eval_config()
    )
    pusher = tfx.components.Pusher(
        model=trainer.outputs["model"],
        model_blessing=evaluator.outputs["blessing"],
        push_destination=tfx.proto.PushDestination(
            filesystem=tfx.proto.PushDestination.Filesystem(
                base_directory=str(options.root / "serving")
            )
        ),
    )
    tfx.orchestration.LocalDagRunner().run(
        tfx.dsl.Pipeline(
            pipeline_name="stock",
            pipeline_root=str(options.root / "artifacts"),
            components=[
                *(example_gen, statistics_gen, schema_gen, validator),
                *(transform, trainer, evaluator, pusher),
            ],
            metadata_connection_config=(
                tfx.orchestration.metadata.sqlite_metadata_connection_config(
                    str(options.root / "metadata.db")
                )
            ),
        )
    )


def _eval_config() -> config_pb2.EvalConfig:
    accuracy = config_pb2.MetricConfig(class_name="SparseCategoricalAccuracy")
    accuracy.threshold.value_threshold.lower_bound.value = 0.5
    return config_pb2.EvalConfig(
        model_specs=[config_pb2.ModelSpec(label_key="image_class")],
        slicing_specs=[config_pb2.SlicingSpec()],
        metrics_specs=[config_pb2.MetricsSpec(metrics=[accuracy])],
    )


if __name__ == "__main__":
    main()
