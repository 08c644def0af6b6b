"""Makes variants, has them judged and measured, and publishes those that are blessed."""

from __future__ import annotations

import json
import logging
import os
import platform
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_model_analysis as tfma
from google.protobuf import json_format
from tensorflow_model_analysis.proto import config_pb2
from tfx import types
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils
from tfx.utils import io_utils, path_utils

from components.evaluator.verdict import Values
from components.subject import observe
from components.variants import gate
from components.variants.exports import publish
from components.variants.frozen import Frozen, UnfitError, freeze, input_names
from components.variants.judge import evaluate
from components.variants.lite import CONVERSIONS, SUFFIX, convert
from components.variants.measure import measured, write_inputs
from components.variants.options import VariantOptions
from components.variants.rows import dense_records, tensors
from components.variants.served import save_frozen
from documents.digest import file_digest, listing_digest
from documents.features import Features
from documents.provenance import Provenance
from documents.reader import read
from documents.saved_model import EXTRA
from documents.variants import Measurement, Variant, VariantInput, Variants
from documents.writer import write
from models.inputs import find_shards, first_records

progress = logging.getLogger("progress")
FROZEN = "frozen_graph"
_FLOAT = "float"
_ASKED = 32
"""Examples that are asked in turn while time is taken."""

Artifacts = dict[str, list[types.Artifact]]


class Executor(base_beam_executor.BaseBeamExecutor):
    """Everything of one model's variants."""

    def Do(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Writes `variants.json` and the files; a variant that is refused is no error.

        Raises:
          DamagedError: the model is not what the Trainer wrote.
          MeasureError: the machine could not measure.
        """
        model = artifact_utils.get_single_instance(input_dict["model"])
        output = Path(artifact_utils.get_single_uri(output_dict["variants"]))
        pushed = artifact_utils.get_single_instance(input_dict["pushed_model"])
        options = VariantOptions.model_validate_json(exec_properties["options"])
        subject = observe(model)
        features = read(Features, os.path.join(model.uri, Features.FILE))
        document = Variants(
            format=Variants.FORMAT,
            model=exec_properties["model_name"],
            run_id=self._context.pipeline_run_id if self._context else None,
            content_digest=subject.digest,
            labels=features.label.values if features else None,
            machine=f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()}",
        )
        output.mkdir(parents=True, exist_ok=True)
        version = pushed.get_string_custom_property("pushed_version")
        try:
            if not version or pushed.get_string_custom_property("outcome") == "withdrawn":
                raise UnfitError("The model was not pushed, so no variants of it are made.")
            document = document.replaced(version=int(version))
            if features is None:
                raise UnfitError(
                    f"The model says nothing of its features, as it has no {Features.FILE}; run"
                    " again with --no-cache to train one that does."
                )
            frozen = freeze(path_utils.serving_model_path(model.uri), features)
        except UnfitError as error:
            progress.warning("%s", error)
            document = document.replaced(reason=str(error))
        else:
            made = _Made(model, input_dict["examples"][0], features, frozen, options, output)
            document = document.replaced(
                inputs=tuple(_inputs(frozen)),
                output=frozen.output,
                **made.judged(
                    json_format.Parse(exec_properties["eval_config"], config_pb2.EvalConfig()),
                    json.loads(exec_properties["lower_is_better"]),
                    [str(argument) for argument in self._beam_pipeline_args or ()],
                    document.labels or (),
                ),
            )
            document = _published(document, output, pushed, Path(exec_properties["exports"]))
        write(document, str(output / Variants.FILE))
        artifact = artifact_utils.get_single_instance(output_dict["variants"])
        blessed = [variant.name for variant in document.variants if variant.blessed]
        artifact.set_string_custom_property("blessed", ", ".join(blessed))
        if document.path:
            artifact.set_string_custom_property("exported_to", document.path)
        if document.reason:
            artifact.set_string_custom_property("reason", document.reason)


class _Made:
    """The variants of one model while they are made."""

    def __init__(
        self,
        model: types.Artifact,
        examples: types.Artifact,
        features: Features,
        frozen: Frozen,
        options: VariantOptions,
        output: Path,
    ):
        self._saved_model = path_utils.serving_model_path(model.uri)
        self._eval = _pattern(examples, "eval")
        self._train = _pattern(examples, "train")
        self._frozen, self._options, self._output = frozen, options, output
        self._features = features
        self._refused: dict[str, str] = {}

    def judged(
        self,
        eval_config: config_pb2.EvalConfig,
        lower_is_better: list[str],
        beam_args: list[str],
        labels: tuple[str, ...],
    ) -> dict[str, Any]:
        """Keys of the document: the float model and the variants."""
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
            self._variant(name, path, found, costs.get(name), lower_is_better, labels)
            for name, path in files.items()
        )
        return {"float_model": float_model, "variants": variants}

    def _made(self, name: str) -> Path | None:
        """The file of a variant; None where it cannot be made."""
        progress.info("making the variant %s", name)
        if name == FROZEN:
            save_frozen(self._frozen, str(self._output / name))
            return self._output / name
        path = self._output / f"{name}{SUFFIX}"
        try:
            path.write_bytes(convert(name, self._frozen, self._calibration))
        except UnfitError as error:
            self._refused[name] = str(error)
            return None
        return path

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
        labels: tuple[str, ...],
    ) -> Variant:
        if path is None:
            return Variant(name=name, blessed=False, reason=self._refused[name])
        rows = gate.held(found[_FLOAT], found[name], self._options, lower_is_better)
        reason = gate.refusal(name, rows, labels)
        if reason:
            progress.warning("%s", reason)
        return Variant(
            name=name,
            blessed=reason is None,
            reason=reason,
            file=path.name,
            sha256=_digest(path),
            measured=cost,
            metrics=rows,
        )


def _published(document: Variants, output: Path, pushed: types.Artifact, exports: Path) -> Variants:
    """The document, with where the blessed ones went, or why they went nowhere."""
    blessed = [variant for variant in document.variants if variant.blessed and variant.file]
    if not blessed:
        return document.replaced(reason="No variant is as good as the model, so none is published.")
    folder = exports / document.model / str(document.version)
    document = document.replaced(path=str(folder))
    version_folder = pushed.get_string_custom_property("pushed_destination")
    provenance = read(Provenance, os.path.join(version_folder, Provenance.FILE))
    files = {str(variant.file): output / str(variant.file) for variant in blessed}
    publish(exports, document, files, provenance)
    progress.info("published %s in %s", ", ".join(v.name for v in blessed), folder)
    return document


def _inputs(frozen: Frozen) -> Iterator[VariantInput]:
    for name, plain in input_names(frozen.inputs).items():
        shape = frozen.inputs[name]
        if shape:
            yield VariantInput(
                name=plain, feature=name, shape=shape, kind="image", low=0.0, high=255.0
            )
        else:
            yield VariantInput(name=plain, feature=name, shape=(), kind="number", missing="NaN")


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
