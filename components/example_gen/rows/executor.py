"""Turns rows of any format into shards of tf.Examples on Beam."""

from __future__ import annotations

import logging
import math
import os
import shutil
from typing import Any

import apache_beam as beam
from tfx import types
from tfx.components.example_gen import utils
from tfx.components.util import examples_utils
from tfx.dsl.components.base import base_beam_executor
from tfx.dsl.io import fileio
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import proto_utils

from components.example_gen.executor import FINGERPRINT, ExampleGenError
from components.example_gen.formats.format import demand_columns
from components.example_gen.rows import part
from components.example_gen.rows.driver import sources, told_format
from components.example_gen.rows.options import RowsSection
from components.example_gen.rows.totals import Totals, check, said
from components.example_gen.shards import shard_name
from components.example_gen.splits import SPLITS
from documents.features import Features
from documents.quarantine import QuarantinedRow
from documents.shown import shown
from models.declaration import Declaration
from models.description import describe

ROWS, QUARANTINED = "rows", "quarantined"
_LARGEST_RANGE = 64 << 20
_NAMED = 10
"""Undeclared columns that are told of."""
_log = logging.getLogger(__name__)
_progress = logging.getLogger("progress")

Artifacts = dict[str, list[types.Artifact]]


class Executor(base_beam_executor.BaseBeamExecutor):
    """Cuts the data into ranges of rows and writes each as one Beam element."""

    def Do(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Writes the splits that have rows, of train, eval and test.

        Args:
          input_dict: empty.
          output_dict: `examples`, an Examples artifact; gets `features.json`, `quarantine.jsonl`
            where rows are bad, and the custom properties `examples_<split>`, `rows`,
            `quarantined` and `fingerprint`.
          exec_properties: those of RowsExampleGenSpec.

        Raises:
          FormatError: a file is missing or cannot be read.
          DataError: too many rows are bad, or nothing can be learned from the rest.
          ExampleGenError: Beam lost a range.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        artifact = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.EXAMPLES_KEY]
        )
        rows = RowsSection.model_validate_json(exec_properties["rows"])
        declaration = Declaration.model_validate_json(exec_properties["declaration"])
        format_ = told_format(exec_properties)
        found = sources(
            format_,
            exec_properties[standard_component_specs.INPUT_BASE_KEY],
            _pattern(exec_properties),
        )
        total = sum(format_.measure(source) for source in found)
        job = part.Job(
            rows=exec_properties["rows"],
            declaration=exec_properties["declaration"],
            size=max(1, min(math.ceil(total / rows.shards), _LARGEST_RANGE)),
            # Readers take every file of a split's folder, so unfinished ones lie elsewhere.
            folder=os.path.join(artifact.uri, "unfinished"),
        )
        parts = self._read(job, found)
        totals = Totals()
        for of in parts:
            totals.merge(of.totals)
        new = part.undeclared(job, found)
        if lost := part.lost(job, found):
            names = [name for name in format_.columns.needed if name not in lost]
            demand_columns([*names, *new], format_.columns, found[0])
        for name, source in [*new.items()][:_NAMED]:
            _progress.warning(
                "column %s of %s is not declared, so nothing learns from it; declare it, or make it"
                " {kind: ignore}",
                shown(name),
                shown(source),
            )
        check(totals, declaration, rows.options.split, rows.options.quarantine)
        _move(artifact, parts, job.folder)
        _describe(artifact, totals, exec_properties.get(utils.FINGERPRINT_PROPERTY_NAME))
        with fileio.open(os.path.join(artifact.uri, Features.FILE), "wb") as file:
            table = rows.options.csv.told
            file.write(describe(declaration, table=table).encode())
        fileio.rmtree(job.folder)

    def _read(self, job: part.Job, found: list[str]) -> list[part.Part]:
        fileio.makedirs(job.folder)
        with self._make_beam_pipeline() as pipeline:
            _ = (
                pipeline
                | beam.Create([*enumerate(found)])
                | "Cut" >> beam.FlatMap(part.cut, job)
                | beam.Reshuffle()
                | "Write" >> beam.Map(part.write, job)
            )
        try:
            return part.collect(job, found)
        except FileNotFoundError as error:
            # Some Beam runners report success without having run every element.
            raise ExampleGenError(
                f"Beam reported success, but {error} was not written; choose another runner in "
                "beam.args."
            ) from error


def _pattern(exec_properties: dict[str, Any]) -> str:
    """The one input split's, with span and version filled in by the driver."""
    config = example_gen_pb2.Input()
    proto_utils.json_to_proto(exec_properties[standard_component_specs.INPUT_CONFIG_KEY], config)
    [split] = config.splits
    return str(split.pattern)


def _move(artifact: types.Artifact, parts: list[part.Part], folder: str) -> None:
    """Puts the shards into the folders of their splits, and all bad rows into one file."""
    splits = [split for split in SPLITS if any(split in of.shards for of in parts)]
    artifact.split_names = artifact_utils.encode_split_names(splits)
    for split in splits:
        shards = [of.shards[split] for of in parts if split in of.shards]
        target = artifact_utils.get_split_uri([artifact], split)
        fileio.makedirs(target)
        for index, shard in enumerate(shards):
            fileio.rename(
                os.path.join(folder, shard),
                os.path.join(target, shard_name(index, len(shards))),
                overwrite=True,
            )
    bad = [of.quarantine for of in parts if of.quarantine]
    if bad:
        with fileio.open(os.path.join(artifact.uri, QuarantinedRow.FILE), "w") as whole:
            for name in bad:
                with fileio.open(os.path.join(folder, name), "r") as file:
                    shutil.copyfileobj(file, whole)


def _describe(artifact: types.Artifact, totals: Totals, fingerprint: str | None) -> None:
    for split in SPLITS:
        if count := totals.examples[split]:
            artifact.set_int_custom_property(f"examples_{split}", count)
            _log.info("Split %s has %d examples.", split, count)
    artifact.set_int_custom_property(ROWS, totals.rows)
    artifact.set_int_custom_property(QUARANTINED, totals.bad)
    if totals.bad:
        _progress.warning(
            "%d of %d rows cannot be read and are left out, such as %s; %s lists them",
            totals.bad,
            totals.rows,
            said(totals.first_bad[0]),
            os.path.join(artifact.uri, QuarantinedRow.FILE),
        )
    if fingerprint:
        artifact.set_string_custom_property(FINGERPRINT, fingerprint)
    examples_utils.set_payload_format(artifact, example_gen_pb2.PayloadFormat.FORMAT_TF_EXAMPLE)
