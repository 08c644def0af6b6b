"""A node that ends a process while it works: whoever is named in a file, once."""

# TFX reads the annotations of a @component, which mean more to it than to a type checker.
# mypy: ignore-errors

import os
import signal
from pathlib import Path

from tfx.dsl.component.experimental.annotations import OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types.standard_artifacts import Schema


@component
def Killing(made: OutputArtifact[Schema], victim: Parameter[str]):
    file = Path(victim)
    if file.exists():
        os.kill(int(file.read_text()), signal.SIGKILL)
        file.unlink()
    Path(made.uri, "schema.pbtxt").write_text('feature { name: "label" }')
