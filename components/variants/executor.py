"""Makes variants, has them judged and measured, and publishes those that are blessed."""

from __future__ import annotations

import json
import logging
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from tensorflow_model_analysis.proto import config_pb2
from tfx import types
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils
from tfx.utils import path_utils

from components.subject import observe
from components.variants.exports import publish
from components.variants.frozen import Frozen, UnfitError, freeze, input_names
from components.variants.made import Made
from components.variants.options import VariantOptions
from documents.features import Features
from documents.provenance import Provenance
from documents.reader import read
from documents.variants import VariantInput, Variants
from documents.writer import write
from serving.base_path import storage
from serving.base_path.exports import note

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
            document = document.replaced(inputs=tuple(_inputs(frozen)), output=frozen.output)
            examples = input_dict["examples"][0]
            document = Made(model, examples, features, frozen, document, options, output).judged(
                json_format.Parse(exec_properties["eval_config"], config_pb2.EvalConfig()),
                json.loads(exec_properties["lower_is_better"]),
                [str(argument) for argument in self._beam_pipeline_args or ()],
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


def _published(document: Variants, output: Path, pushed: types.Artifact, exports: Path) -> Variants:
    """The document, with where the blessed ones went, or why they went nowhere."""
    blessed = [variant for variant in document.variants if variant.blessed and variant.file]
    if not blessed:
        return document.replaced(reason="No variant is as good as the model, so none is published.")
    version_folder = pushed.get_string_custom_property("pushed_destination")
    if "://" not in version_folder and not os.path.isdir(version_folder):
        reason = f"Version {document.version} is no longer offered, so none is published."
        return document.replaced(reason=reason)
    folder = exports / document.model / str(document.version)
    document = document.replaced(path=str(folder))
    provenance = storage.read_document(Provenance, os.path.join(version_folder, Provenance.FILE))
    files = {str(variant.file): output / str(variant.file) for variant in blessed}
    publish(exports, document, files, provenance)
    note(os.path.dirname(version_folder.rstrip("/")), str(folder.parent))
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
