"""Nodes that write and read schemas, as executors do: by paths on this machine."""

# TFX reads the annotations of a @component at run time, so they may not be postponed here, and
# they mean more to it than to a type checker.
# mypy: ignore-errors

import os
import signal
from pathlib import Path

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import standard_artifacts

from components.kept_at import kept_at


@component
def Write(schema: OutputArtifact[standard_artifacts.Schema], text: Parameter[str]):
    folder = Path(schema.uri)
    assert [*folder.iterdir()] == []
    if text == "no":
        (folder / "half").write_text("of it")
        raise ValueError("no")
    if text == "kill":
        (folder / "half").write_text("of it")
        os.kill(os.getpid(), signal.SIGKILL)
    (folder / "sub").mkdir()
    (folder / "sub" / "schema.pbtxt").write_text(text)
    (folder / "empty").write_text("")


@component
def Read(
    schema: InputArtifact[standard_artifacts.Schema],
    found: OutputArtifact[standard_artifacts.HyperParameters],
    nothing: OutputArtifact[standard_artifacts.ExampleAnomalies],
):
    path = Path(schema.uri, "sub", "schema.pbtxt")
    Path(found.uri, "found").write_text(f"{kept_at(schema)}\n{path.read_text()}")
    found.set_string_custom_property("read_at", str(path))
    assert Path(nothing.uri).is_dir()
