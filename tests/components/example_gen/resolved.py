"""What drivers of ExampleGen add to the execution properties of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ml_metadata.proto import metadata_store_pb2
from tfx.components.example_gen.driver import FileBasedDriver
from tfx.orchestration.data_types import ComponentInfo, PipelineInfo
from tfx.orchestration.metadata import Metadata


def resolved_by(driver: type[FileBasedDriver], properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties with those that the driver resolves, for which it opens no store."""
    pipeline = PipelineInfo(pipeline_name="p", pipeline_root="r")
    component = ComponentInfo("ExampleGen", "ExampleGen", pipeline)
    store = Metadata(metadata_store_pb2.ConnectionConfig())
    return driver(store).resolve_exec_properties(dict(properties), pipeline, component)
