"""The ImportSchemaGen node."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tfx import types
from tfx.components.schema_gen.import_schema_gen import executor
from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import standard_artifacts, standard_component_specs
from tfx.types.component_spec import ExecutionParameter


class ImportSchemaGenSpec(standard_component_specs.ImportSchemaGenSpec):
    """The standard specification, with a digest of the schema."""

    PARAMETERS = {
        **standard_component_specs.ImportSchemaGenSpec.PARAMETERS,
        "schema_sha256": ExecutionParameter(type=str),
    }


class ImportSchemaGen(base_component.BaseComponent):
    """Imports a curated schema, and notices when it is edited.

    The standard component puts only the file's path into the cache key, so an edited schema would
    go unseen.

    Example:
      schema_gen = ImportSchemaGen(schema_file=Path("configs/fashion_mnist.schema.pbtxt"))
    """

    SPEC_CLASS = ImportSchemaGenSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(executor.Executor)

    def __init__(self, schema_file: Path):
        super().__init__(
            spec=ImportSchemaGenSpec(
                schema_file=str(schema_file),
                schema_sha256=hashlib.sha256(schema_file.read_bytes()).hexdigest(),
                schema=types.Channel(type=standard_artifacts.Schema),
            )
        )
