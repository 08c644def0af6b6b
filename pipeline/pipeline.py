"""The graph: the only place where nodes are wired. Both runners build the same one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeAlias

from google.protobuf import json_format
from tfx import types
from tfx.components.statistics_gen.component import StatisticsGen
from tfx.components.transform.component import Transform
from tfx.dsl.components.base.base_node import BaseNode
from tfx.orchestration import metadata, pipeline
from tfx.proto import pusher_pb2, trainer_pb2, transform_pb2

from components.baseline.component import Baseline
from components.evaluator.component import Evaluator
from components.example_gen.component import IdxExampleGen
from components.example_gen.inputs import default_input_config
from components.example_gen.rows.component import RowsExampleGen
from components.example_validator.component import ExampleValidator
from components.import_schema_gen.component import ImportSchemaGen
from components.pusher.component import Pusher
from components.serving_check.component import ServingCheck
from components.serving_check.expected import complete
from components.serving_check.options import NodeOptions
from components.trainer.component import Trainer
from models.tuning.metrics import deciding
from models.user_code import EXAMPLES, NETWORK, PREPROCESS, SEARCH
from pipeline.beam import beam_pipeline_args
from pipeline.code.hash import code_hash
from pipeline.evaluation import check_slices, eval_config
from pipeline.node_settings import confirm, learned, range_config, told
from pipeline.places import Places
from pipeline.schema import schema_text
from pipeline.settings import Settings
from pipeline.tune.options import TuneOptions

Channel: TypeAlias = types.BaseChannel[Any]
"""Artifacts that one node hands others."""


def create_pipeline(
    settings: Settings,
    places: Places,
    *,
    cache: bool = True,
    tune: TuneOptions | None = None,
    at_once: bool = False,
) -> pipeline.Pipeline:
    """Wires the nodes of design's flow; every node's code and settings are in its cache key.

    Args:
      settings: what is wanted.
      places: where it is read and written.
      cache: whether nodes whose key is that of an earlier success are left out.
      tune: has the nodes up to Transform, which the cache shares with runs, and a Tuner.
      at_once: lets Transform run beside StatisticsGen, and not only when the data are validated:
        what it makes of wrong data nobody learns from.
    """
    return pipeline.Pipeline(
        pipeline_name=settings.pipeline_name,
        pipeline_root=places.artifacts,
        components=_nodes(settings, places, tune, at_once),
        enable_cache=cache,
        # In the image of a cluster the folder is another one, and Beam would not find it.
        beam_pipeline_args=[
            *beam_pipeline_args(
                settings.beam.arguments,
                settings.code.parent if settings.code else None,
                is_here=places.is_here,
            )
        ],
        metadata_connection_config=(
            metadata.sqlite_metadata_connection_config(places.metadata) if places.metadata else None
        ),
    )


def _nodes(
    settings: Settings, places: Places, tune: TuneOptions | None, at_once: bool
) -> Sequence[BaseNode]:
    text = schema_text(settings)
    check_slices(settings.evaluation, text, settings.declaration)
    example_gen = _example_gen(settings, places.data).with_id("ExampleGen")
    examples = example_gen.outputs["examples"]

    schema_gen = ImportSchemaGen(schema=text)
    schema = schema_gen.outputs["schema"]

    # The test split is for the final figure only, so nothing is decided by looking at it.
    statistics_gen = StatisticsGen(examples=examples, schema=schema, exclude_splits=["test"])

    validator = ExampleValidator(
        statistics=statistics_gen.outputs["statistics"],
        schema=schema,
        on_anomaly=settings.anomalies,
        code_hash=code_hash("components.example_validator.executor"),
    )

    transform = _transform(settings, examples, schema)
    prepared = [example_gen, schema_gen, statistics_gen, validator, transform]
    # The anomalies are no input of those that follow; without this they could run before the gate.
    if not at_once:
        transform.add_upstream_node(validator)
    if tune:
        tuner = _tuner(settings, places, examples, schema, transform, tune)
        if at_once:
            tuner.add_upstream_node(validator)
        return [*prepared, tuner]

    trainer = _trainer(settings, places, examples, schema, transform)
    if at_once:
        trainer.add_upstream_node(validator)
    model = trainer.outputs["model"]

    baseline = Baseline(
        model=model,
        base_path=places.base_path,
        code_hash=code_hash("components.baseline.executor", "components.baseline.driver"),
    )

    evaluator = _evaluator(settings, examples, model, baseline)
    serving_check = _serving_check(settings, places, examples, model, baseline)
    pusher = _pusher(settings, places, model, evaluator, serving_check)
    nodes: list[BaseNode] = [*prepared, trainer, baseline, evaluator, serving_check, pusher]
    if settings.variants:
        nodes.append(_variants(settings, places, examples, model, pusher))
    return nodes


def _transform(settings: Settings, examples: Channel, schema: Channel) -> BaseNode:
    # Decoding and scaling need no analyzer, so the examples are neither materialized nor counted
    # again: training applies the transform graph on the fly.
    return Transform(
        examples=examples,
        schema=schema,
        preprocessing_fn="models.preprocessing.preprocessing_fn",
        splits_config=transform_pb2.SplitsConfig(analyze=["train"]),
        custom_config={
            "declaration": settings.declaration.of_preprocessing,
            "code_hash": code_hash("models.preprocessing"),
            **(told(settings, PREPROCESS, NETWORK) if settings.function(PREPROCESS) else {}),
        },
        materialize=False,
        disable_statistics=True,
        disable_analyzer_cache=True,
    )


def _trainer(
    settings: Settings, places: Places, examples: Channel, schema: Channel, transform: BaseNode
) -> BaseNode:
    return Trainer(
        run_fn="models.trainer.run_fn",
        examples=examples,
        schema=schema,
        transform_graph=transform.outputs["transform_graph"],
        train_args=trainer_pb2.TrainArgs(splits=["train"]),
        eval_args=trainer_pb2.EvalArgs(splits=["eval"]),
        custom_config={
            **learned(settings, places),
            "checkpoints": places.checkpoints,
            "data_source": places.data_source,
            "code_hash": code_hash("models.trainer", "components.trainer.executor"),
            **told(settings, NETWORK, PREPROCESS),
        },
    )


def _evaluator(
    settings: Settings, examples: Channel, model: Channel, baseline: BaseNode
) -> BaseNode:
    return Evaluator(
        examples=examples,
        model=model,
        baseline=baseline.outputs["baseline"],
        eval_config=eval_config(settings.evaluation, settings.label),
        example_splits=["eval"],
        beat_constant=settings.evaluation.beat_constant,
        smallest_slice=settings.evaluation.smallest_slice,
        code_hash=code_hash("components.evaluator.executor", "components.subject_driver"),
    )


def _serving_check(
    settings: Settings, places: Places, examples: Channel, model: Channel, baseline: BaseNode
) -> BaseNode:
    options = complete(settings.serving_check, settings.declaration)
    return ServingCheck(
        model=model,
        examples=examples,
        model_name=settings.name,
        options=NodeOptions(**dict(options), data_source=places.data_source).model_dump_json(),
        baseline=baseline.outputs["baseline"],
        code_hash=code_hash(
            "components.serving_check.executor",
            "components.subject_driver",
            "serving.server.__main__",
        ),
    )


def _pusher(
    settings: Settings,
    places: Places,
    model: Channel,
    evaluator: BaseNode,
    serving_check: BaseNode,
) -> BaseNode:
    return Pusher(
        model=model,
        model_blessing=evaluator.outputs["blessing"],
        infra_blessing=serving_check.outputs["blessing"],
        push_destination=pusher_pb2.PushDestination(
            filesystem=pusher_pb2.PushDestination.Filesystem(base_directory=places.base_path)
        ),
        custom_config={
            "model_name": settings.name,
            "confirm": confirm(settings),
            "code_hash": code_hash("components.pusher.executor", "components.pusher.driver"),
        },
    )


def _tuner(
    settings: Settings,
    places: Places,
    examples: Channel,
    schema: Channel,
    transform: BaseNode,
    tune: TuneOptions,
) -> BaseNode:
    """The node that searches settings. It is imported by those who want one."""
    from components.tuner.component import Tuner

    metrics = [metric.metric for metric in settings.evaluation.metrics]
    return Tuner(
        tuner_fn="models.tuning.tuner.tuner_fn",
        examples=examples,
        schema=schema,
        transform_graph=transform.outputs["transform_graph"],
        train_args=trainer_pb2.TrainArgs(splits=["train"]),
        # The test split is for the final figure only.
        eval_args=trainer_pb2.EvalArgs(splits=["eval"]),
        custom_config={
            **learned(settings, places),
            "tuning": {
                "minutes": tune.minutes,
                "trials": tune.trials,
                "metric": deciding(metrics, settings.label.kind),
                "folder": places.tuning,
            },
            "code_hash": code_hash("models.tuning.tuner", "components.tuner.executor"),
            **told(settings, NETWORK, PREPROCESS, SEARCH),
        },
    )


def _variants(
    settings: Settings,
    places: Places,
    examples: Channel,
    model: Channel,
    pusher: BaseNode,
) -> BaseNode:
    """The node after Pusher that makes variants. It is imported by those who want one."""
    from components.variants.component import Variants

    assert settings.variants is not None
    assert places.exports is not None  # a cluster has none, see kubeflow/compile.py
    metrics = settings.evaluation.metrics
    return Variants(
        model=model,
        examples=examples,
        pushed_model=pusher.outputs["pushed_model"],
        options=settings.variants.model_dump_json(),
        eval_config=json_format.MessageToJson(
            eval_config(settings.evaluation, settings.label), preserving_proto_field_name=True
        ),
        lower_is_better=json.dumps([m.metric for m in metrics if not m.higher_wins]),
        model_name=settings.name,
        exports=places.exports,
        code_hash=code_hash("components.variants.executor", "components.variants.driver"),
    )


def _example_gen(settings: Settings, folder: str) -> BaseNode:
    """The node that reads the format of the data."""
    data, declaration = settings.data, settings.declaration.of_examples
    if data.is_quartet:
        return IdxExampleGen(
            input_base=folder,
            input_config=default_input_config(data.pattern),
            range_config=range_config(data.span),
            eval_examples=data.eval_examples,
            shards=data.shards,
            declaration=declaration,
            code_hash=code_hash("components.example_gen.executor", "components.example_gen.driver"),
        )
    _, pattern = data.place
    reads = settings.function(EXAMPLES)
    return RowsExampleGen(
        input_base=folder,
        pattern=pattern,
        range_config=range_config(data.span),
        rows=data.rows.model_copy(update={"code": reads} if reads else {}).model_dump_json(
            exclude=None if reads else {"code"}
        ),
        declaration=declaration,
        code_hash=code_hash(
            "components.example_gen.rows.executor", "components.example_gen.rows.driver"
        ),
    )
