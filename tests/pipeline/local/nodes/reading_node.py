"""Nodes that use a schema, to see what they are given."""

# TFX reads the annotations of a @component at run time, so they may not be postponed here, and
# they mean more to it than to a type checker.
# mypy: ignore-errors

from pathlib import Path

from tfx.dsl.component.experimental.annotations import InputArtifact
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts


@component
def Reader(schema: InputArtifact[standard_artifacts.Schema]):
    assert Path(schema.uri).is_dir()


@component
def Vandal(schema: InputArtifact[standard_artifacts.Schema]):
    (Path(schema.uri) / "schema.pbtxt").write_text("feature {}")
