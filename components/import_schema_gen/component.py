"""The ImportSchemaGen node."""

from __future__ import annotations

import hashlib

from tfx import types
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import standard_artifacts, standard_component_specs
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.import_schema_gen.executor import Executor


class ImportSchemaGenSpec(ComponentSpec):
    """The standard specification, with the schema itself in the place of its file's path."""

    PARAMETERS = {
        "schema_text": ExecutionParameter(type=str),
        "schema_sha256": ExecutionParameter(type=str),
    }
    INPUTS: dict[str, ChannelParameter] = {}
    OUTPUTS = {
        standard_component_specs.SCHEMA_KEY: ChannelParameter(type=standard_artifacts.Schema)
    }


class ImportSchemaGen(base_component.BaseComponent):
    """Imports the schema that was derived from the settings, or a curated one.

    The standard component puts only a file's path into the cache key, so an edited schema would go
    unseen; and a container elsewhere does not have the file.

    Example:
      schema_gen = ImportSchemaGen(schema='feature {name: "price" type: FLOAT}')
    """

    SPEC_CLASS = ImportSchemaGenSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(self, schema: str):
        """`schema` is a schema.proto in text format."""
        super().__init__(
            spec=ImportSchemaGenSpec(
                schema_text=schema,
                schema_sha256=hashlib.sha256(schema.encode()).hexdigest(),
                schema=types.Channel(type=standard_artifacts.Schema),
            )
        )
