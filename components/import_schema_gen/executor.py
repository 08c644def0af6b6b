"""Writes the schema."""

from __future__ import annotations

import os
from typing import Any

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx import types
from tfx.dsl.components.base import base_executor
from tfx.dsl.io import fileio
from tfx.types import artifact_utils, standard_component_specs

FILE = "schema.pbtxt"
"""As TFX's own node names it."""

Artifacts = dict[str, list[types.Artifact]]


class Executor(base_executor.BaseExecutor):
    """Writes the parameter `schema_text` into the Schema artifact."""

    def Do(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """See above. Raises ParseError where that is no schema."""
        schema = artifact_utils.get_single_instance(
            output_dict[standard_component_specs.SCHEMA_KEY]
        )
        text = exec_properties["schema_text"]
        text_format.Parse(text, schema_pb2.Schema())
        fileio.makedirs(schema.uri)
        with fileio.open(os.path.join(schema.uri, FILE), "w") as file:
            file.write(text)
