"""Trains through the user's run_fn, then records what went into the model."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from typing import Any

from tfx import types
from tfx.components.example_gen.utils import SPAN_PROPERTY_NAME
from tfx.components.trainer import executor
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils, path_utils

from components.subject import reference_digest
from components.trainer.record import read_record, write_record
from documents.training_record import HubModule, TrainingData
from serving.base_path.content import content_digest

PACKAGES = (
    "apache-beam",
    "ml-metadata",
    "numpy",
    "tensorflow",
    "tensorflow-hub",
    "tensorflow-model-analysis",
    "tensorflow-transform",
    "tf-keras",
    "tfx",
)

Artifacts = dict[str, list[types.Artifact]]


class Executor(executor.GenericExecutor):
    """The standard executor; afterwards `training.json` in the model's folder is complete."""

    def Do(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Trains; outputs as the standard Trainer.

        The user's run_fn may leave a `training.json` beside the SavedModel; data, schema, code and
        package versions are added to it here, where the input artifacts are known, and digests of
        what was written, so that every runner can tell when it was changed since.
        """
        super().Do(input_dict, output_dict, exec_properties)
        model = artifact_utils.get_single_instance(output_dict[standard_component_specs.MODEL_KEY])
        record = read_record(model.uri)
        config = json.loads(exec_properties[standard_component_specs.CUSTOM_CONFIG_KEY])
        record = record.replaced(
            data=_data(
                config.get("data_source"), input_dict[standard_component_specs.EXAMPLES_KEY][0]
            ),
            schema_sha256=_schema_sha256(input_dict),
            code_hash=config["code_hash"],
            packages={name: _version(name) for name in PACKAGES},
            run_id=self._context.pipeline_run_id if self._context else None,
            content_digest=content_digest(path_utils.serving_model_path(model.uri)),
            reference_digest=reference_digest(model),
        )
        write_record(model.uri, record)
        _set_module(model, record.hub or HubModule(), "")
        for name, module in (record.modules or {}).items():
            _set_module(model, module, f"_{name}")


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        # TensorFlow's build without CUDA is the same library in a package of another name.
        return importlib.metadata.version(f"{package}-cpu")


def _set_module(model: types.Artifact, module: HubModule, suffix: str) -> None:
    """Properties of the Model artifact that name a module; those of one feature end in its name."""
    if module.handle:
        model.set_string_custom_property(f"hub_handle{suffix}", module.handle)
    if module.sha256:
        model.set_string_custom_property(f"hub_sha256{suffix}", module.sha256)
    if module.trainable is not None:
        model.set_int_custom_property(f"hub_trainable{suffix}", int(module.trainable))


def _data(source: str | None, examples: types.Artifact) -> TrainingData:
    splits = artifact_utils.decode_split_names(examples.split_names)
    span = examples.get_custom_property(SPAN_PROPERTY_NAME)
    return TrainingData(
        source=source,
        **({"span": int(span)} if span else {}),
        fingerprint=examples.get_string_custom_property("fingerprint"),
        examples={split: examples.get_int_custom_property(f"examples_{split}") for split in splits},
    )


def _schema_sha256(input_dict: Artifacts) -> str | None:
    schema = input_dict.get(standard_component_specs.SCHEMA_KEY)
    if not schema:
        return None
    with fileio.open(io_utils.get_only_uri_in_dir(schema[0].uri), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()
