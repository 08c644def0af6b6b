"""The variants of one model: made, judged beside it, and measured."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.proto import config_pb2
from tfx import types
from tfx.types import artifact_utils
from tfx.utils import io_utils, path_utils

from components.evaluator.verdict import Values
from components.variants import gate
from components.variants.frozen import Frozen, UnfitError, input_names
from components.variants.judge import evaluate
from components.variants.lite import CONVERSIONS, PRUNED, SUFFIX, convert
from components.variants.measure import measured, write_inputs
from components.variants.metadata import with_metadata
from components.variants.options import VariantOptions
from components.variants.pruned import prune, sparsity
from components.variants.rows import dense_records, tensors
from components.variants.served import save_frozen
from documents.digest import file_digest, listing_digest
from documents.features import Features
from documents.saved_model import EXTRA
from documents.variants import Measurement, Variant, Variants
from documents.writer import write
from models.training.inputs import find_shards, first_records

progress = logging.getLogger("progress")
FROZEN = "frozen_graph"
_FLOAT = "float"
_ASKED = 32
"""Examples that are asked in turn while time is taken."""


class Made:
    """The variants of one model while they are made, judged and measured."""

    def __init__(
        self,
        model: types.Artifact,
        examples: types.Artifact,
        features: Features,
        frozen: Frozen,
        document: Variants,
        options: VariantOptions,
        output: Path,
    ):
        """`document` says what the variants take and answer."""
        self._saved_model = path_utils.serving_model_path(model.uri)
        self._eval = _pattern(examples, "eval")
        self._train = _pattern(examples, "train")
        self._frozen, self._options, self._output = frozen, options, output
        self._features, self._document = features, document
        self._refused: dict[str, str] = {}
        self._pruned: Frozen | None = None

    def judged(
        self,
        eval_config: config_pb2.EvalConfig,
        lower_is_better: list[str],
        beam_args: list[str],
    ) -> Variants:
        """The document with the float model and the variants."""
        files: dict[str, Path | None] = {name: self._made(name) for name in self._options.make}
        with tempfile.TemporaryDirectory() as folder:
            found = self._evaluated(files, eval_config, Path(folder), beam_args)
            progress.info("measuring size, latency and memory of %d variants", len(files))
            inputs = Path(folder, "inputs.npz")
            self._write_inputs(inputs)
            requests = self._options.latency_requests
            float_model = measured(Path(self._saved_model), inputs, requests)
            costs = {name: measured(path, inputs, requests) for name, path in files.items() if path}
        variants = tuple(
            self._variant(name, path, found, costs.get(name), lower_is_better)
            for name, path in files.items()
        )
        return self._document.replaced(float_model=float_model, variants=variants)

    def _made(self, name: str) -> Path | None:
        """The file of a variant; None where it cannot be made."""
        progress.info("making the variant %s", name)
        if name == FROZEN:
            save_frozen(self._frozen, str(self._output / name))
            return self._output / name
        path = self._output / f"{name}{SUFFIX}"
        try:
            content = convert(name, self._source(name), self._calibration)
        except UnfitError as error:
            self._refused[name] = str(error)
            return None
        path.write_bytes(with_metadata(content, self._document))
        return path

    def _source(self, name: str) -> Frozen:
        """The graph that a variant is made of."""
        if name not in PRUNED:
            return self._frozen
        if self._pruned is None:
            kind, shards = self._features.label.kind, find_shards([self._train])
            self._pruned = prune(self._frozen, kind, shards, self._options.pruning)
        return self._pruned

    def _calibration(self) -> list[list[Any]]:
        records = first_records(find_shards([self._train]), self._options.calibration_examples)
        return [tensors(record, self._frozen.inputs) for record in records]

    def _evaluated(
        self,
        files: Mapping[str, Path | None],
        eval_config: config_pb2.EvalConfig,
        folder: Path,
        beam_args: list[str],
    ) -> dict[str, Values]:
        progress.info("judging %d variants beside the model on the eval split", len(files))
        saved = {_FLOAT: self._saved_model}
        if files.get(FROZEN):
            saved[FROZEN] = str(files[FROZEN])
        has_tags = self._features.label.kind == "tags"
        found = evaluate(
            saved,
            tfma.TF_GENERIC,
            self._eval,
            eval_config,
            str(folder / "saved"),
            beam_args,
            has_tags=has_tags,
        )
        lite = {name: path for name, path in files.items() if name in CONVERSIONS and path}
        if lite:
            dense = str(folder / "dense")
            with tf.io.TFRecordWriter(dense) as writer:
                for record in dense_records(self._records(), self._frozen.inputs):
                    writer.write(record)
            folders = {name: str(folder / name) for name in lite}
            for name, path in lite.items():
                _lite_folder(folder / name, path, self._features)
            found |= evaluate(
                folders,
                tfma.TF_LITE,
                dense,
                eval_config,
                str(folder / "lite"),
                beam_args,
                has_tags=has_tags,
            )
        return found

    def _records(self) -> Iterator[bytes]:
        return iter(first_records(find_shards([self._eval]), -1))

    def _write_inputs(self, path: Path) -> None:
        records = first_records(find_shards([self._eval]), _ASKED)
        rows = [tensors(record, self._frozen.inputs) for record in records]
        names = input_names(self._frozen.inputs).values()
        dense = {
            name: np.concatenate(column)
            for name, column in zip(names, zip(*rows, strict=True), strict=True)
        }
        write_inputs(path, records, dense)

    def _variant(
        self,
        name: str,
        path: Path | None,
        found: Mapping[str, Values],
        cost: Measurement | None,
        lower_is_better: list[str],
    ) -> Variant:
        if path is None:
            return Variant(name=name, blessed=False, reason=self._refused[name])
        rows = gate.held(found[_FLOAT], found[name], self._options, lower_is_better)
        reason = gate.refusal(name, rows, self._document.labels or (), self._features.label.name)
        if reason:
            progress.warning("%s", reason)
        return Variant(
            name=name,
            blessed=reason is None,
            reason=reason,
            file=path.name,
            sha256=_digest(path),
            sparsity=round(sparsity(self._source(name)), 4) if name in PRUNED else None,
            measured=cost,
            metrics=rows,
        )


def _pattern(examples: types.Artifact, split: str) -> str:
    return io_utils.all_files_pattern(artifact_utils.get_split_uri([examples], split))


def _lite_folder(folder: Path, path: Path, features: Features) -> None:
    """The folder in which TFMA looks for the file `tflite`, and our extractor for names of tags."""
    (folder / EXTRA).mkdir(parents=True)
    write(features, str(folder / EXTRA / Features.FILE))
    (folder / "tflite").symlink_to(path.absolute())


def _digest(path: Path) -> str:
    if path.is_file():
        return file_digest(path)
    files = sorted(each for each in path.rglob("*") if each.is_file())
    return listing_digest({each.relative_to(path).as_posix(): file_digest(each) for each in files})
