"""Turns IDX files into shards of tf.Examples on Beam."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import apache_beam as beam
import tensorflow as tf
from tfx import types
from tfx.components.util import examples_utils
from tfx.dsl.components.base import base_beam_executor
from tfx.dsl.io import fileio
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import proto_utils

from components.example_gen import idx, inputs
from components.example_gen.columns import Columns, columns_of
from components.example_gen.examples import encode_examples
from components.example_gen.inflated import plain_copy
from components.example_gen.pair import Pair
from components.example_gen.shards import TRAIN, Shard, plan_shards
from documents.features import Features
from models.declaration import Declaration
from models.description import describe

FINGERPRINT = "fingerprint"

Artifacts = dict[str, list[types.Artifact]]


class ExampleGenError(RuntimeError):
    """The settings do not fit the data, or Beam lost a shard."""


@dataclasses.dataclass(frozen=True)
class Task:
    """What a Beam worker needs to write one shard."""

    shard: Shard
    pair: Pair
    columns: Columns
    split_folder: str
    unfinished_folder: str

    @property
    def path(self) -> str:
        """Where the finished shard lies."""
        return os.path.join(self.split_folder, self.shard.file_name)


class Executor(base_beam_executor.BaseBeamExecutor):
    """Checks the files, then writes every shard as one Beam element."""

    def Do(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Writes the splits train, eval and those of the input other than train.

        Args:
          input_dict: empty.
          output_dict: `examples`, an Examples artifact; gets the custom properties
            `examples_<split>` and `fingerprint`.
          exec_properties: those of IdxExampleGenSpec.

        Raises:
          IdxError: a file is missing or damaged; nothing was written.
          ExampleGenError: eval_examples leaves nothing to train on, or a shard is missing.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        artifact = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.EXAMPLES_KEY]
        )
        declaration = Declaration.model_validate_json(exec_properties["declaration"])
        columns = columns_of(declaration)
        pairs = _find_pairs(exec_properties)
        # Readers take every file of a split's folder, so unfinished ones lie elsewhere.
        with _scratch(os.path.join(artifact.uri, "unfinished")) as unfinished:
            plain, counts = _checked(pairs, columns, unfinished)
            eval_examples = exec_properties["eval_examples"]
            if eval_examples >= counts[TRAIN]:
                raise ExampleGenError(
                    f"eval_examples = {eval_examples} leaves nothing to train on: "
                    f"{pairs[TRAIN].images} holds {counts[TRAIN]} images; lower data.eval_examples."
                )
            shards = plan_shards(
                counts, eval_examples=eval_examples, shards=exec_properties["shards"]
            )
            _describe(artifact, shards, inputs.fingerprint(pairs))
            fileio.makedirs(artifact.uri)
            with fileio.open(os.path.join(artifact.uri, Features.FILE), "wb") as file:
                file.write(describe(declaration).encode())
            self._write(
                [
                    Task(
                        shard,
                        plain[shard.source],
                        columns,
                        artifact_utils.get_split_uri([artifact], shard.split),
                        unfinished,
                    )
                    for shard in shards
                ]
            )

    def _write(self, tasks: list[Task]) -> None:
        for task in tasks:
            fileio.makedirs(task.split_folder)
            fileio.makedirs(task.unfinished_folder)
        with self._make_beam_pipeline() as pipeline:
            _ = pipeline | beam.Create(tasks) | beam.Map(write_shard)
        # Some Beam runners report success without having run every element.
        for task in tasks:
            if not fileio.exists(task.path):
                raise ExampleGenError(
                    f"Beam reported success, but {task.path} was not written; "
                    "choose another runner in beam.args."
                )


def write_shard(task: Task) -> None:
    """Writes one shard; it appears under its final name only when it is whole."""
    shard = task.shard
    # A worker that is retried may run beside its predecessor: each has a name of its own.
    unfinished = os.path.join(task.unfinished_folder, uuid.uuid4().hex)
    with (
        inputs.open_images(task.pair, task.columns.image) as images,
        inputs.open_labels(task.pair) as labels,
        tf.io.TFRecordWriter(unfinished) as writer,
    ):
        done = 0
        columns, names = task.columns, (task.columns.image_name, task.columns.label.name)
        shard_labels = idx.read_labels(labels, columns.label, shard.start, shard.stop)
        for batch in images.batches(shard.start, shard.stop):
            batch_labels = shard_labels[done : done + len(batch)]
            for example in encode_examples(batch, batch_labels, *names):
                writer.write(example)
            done += len(batch)
    fileio.rename(unfinished, task.path, overwrite=True)


def _find_pairs(exec_properties: dict[str, Any]) -> dict[str, Pair]:
    input_config = example_gen_pb2.Input()
    proto_utils.json_to_proto(
        exec_properties[standard_component_specs.INPUT_CONFIG_KEY], input_config
    )
    return inputs.find_pairs(
        exec_properties[standard_component_specs.INPUT_BASE_KEY],
        {split.name: split.pattern for split in input_config.splits},
    )


@contextlib.contextmanager
def _scratch(folder: str) -> Iterator[str]:
    """`folder`, which whoever needs it makes; it goes, whatever happens."""
    try:
        yield folder
    finally:
        if fileio.exists(folder):
            fileio.rmtree(folder)


def _checked(
    pairs: Mapping[str, Pair], columns: Columns, folder: str
) -> tuple[dict[str, Pair], dict[str, int]]:
    """By split: files that can be read from the middle, those in `folder` included, and examples.

    Every byte is read once before Beam starts: Beam turns a worker's exception into text, and
    whoever has a damaged file should be told in one sentence. 70,000 images cost 0.2 CPU s, and
    gzip is inflated here and nowhere else.
    """
    plain, counts = {}, {}
    for split, pair in pairs.items():
        with (
            inputs.open_images(pair, columns.image) as images,
            inputs.open_labels(pair) as labels,
        ):
            with plain_copy(images, folder) as (images_path, write):
                counts[split] = idx.check_pair(images, labels, columns.image, columns.label, write)
            with plain_copy(labels, folder) as (labels_path, write):
                labels.read_through(write)
        plain[split] = Pair(images_path, labels_path)
    return plain, counts


def _describe(artifact: types.Artifact, shards: list[Shard], fingerprint: str) -> None:
    counts: dict[str, int] = {}
    for shard in shards:
        counts[shard.split] = counts.get(shard.split, 0) + shard.stop - shard.start
    artifact.split_names = artifact_utils.encode_split_names(list(counts))
    for split, count in counts.items():
        artifact.set_int_custom_property(f"examples_{split}", count)
        logging.getLogger(__name__).info("Split %s has %d examples.", split, count)
    artifact.set_string_custom_property(FINGERPRINT, fingerprint)
    examples_utils.set_payload_format(artifact, example_gen_pb2.PayloadFormat.FORMAT_TF_EXAMPLE)
