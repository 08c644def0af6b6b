"""Nodes that end only when another one runs at the same time, and a run of them.

`meeting_nodes.py FOLDER` runs them three times: in the first run one of them fails, in the second
its process is killed.
"""

# TFX reads the annotations of a @component at run time, so they may not be postponed here, and
# they mean more to it than to a type checker.
# mypy: ignore-errors

import json
import logging
import os
import signal
import sys
import time
from pathlib import Path

from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.orchestration import metadata, pipeline
from tfx.types.standard_artifacts import Schema

from components.import_schema_gen.component import ImportSchemaGen
from pipeline.local.failures.failure import sentence
from pipeline.local.nodes.launch import NodeFailedError, launch
from pipeline.local.nodes.side_by_side.executors import Executors

PATIENCE = 120


class NoSuchShapeError(ValueError):
    """Of the user's code."""


@component
def Meeting(
    before: InputArtifact[Schema],
    made: OutputArtifact[Schema],
    folder: Parameter[str],
    name: Parameter[str],
    other: Parameter[str],
):
    logging.getLogger("progress").warning("%s is here", name)
    Path(folder, name).touch()
    deadline = time.monotonic() + PATIENCE
    while other and not Path(folder, other).exists():
        assert time.monotonic() < deadline, f"{other} did not come while {name} ran"
        time.sleep(0.01)
    if Path(folder, f"{name} fails").exists():
        try:
            Path(folder, "shape").read_text()
        except OSError as error:
            raise NoSuchShapeError("no such shape") from error
    if Path(folder, f"{name} dies").exists():
        os.kill(os.getpid(), signal.SIGKILL)
    Path(made.uri, "schema.pbtxt").write_text('feature { name: "label" }')


class Told(logging.Handler):
    """Remembers what an observer and a terminal are told."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def run_started(self, nodes):
        self.lines.append("run")

    def node_started(self, node):
        self.lines.append(f"{node} started")

    def node_finished(self, result):
        self.lines.append(f"{result.node} {result.state}")

    def emit(self, record):
        self.lines.append(f"{record.node}: {record.getMessage()}")


def _pipeline(folder):
    schema = ImportSchemaGen(schema='feature { name: "label" }')

    def meeting(name, before, key, other=""):
        node = Meeting(before=before.outputs[key], folder=folder, name=name, other=other)
        return node.with_id(name)

    left = meeting("Left", schema, "schema", "Right")
    right = meeting("Right", schema, "schema", "Left")
    return pipeline.Pipeline(
        pipeline_name="meeting",
        pipeline_root=f"{folder}/artifacts",
        components=[
            *(schema, left, right),
            meeting("BehindLeft", left, "made"),
            meeting("BehindRight", right, "made"),
        ],
        enable_cache=True,
        metadata_connection_config=metadata.sqlite_metadata_connection_config(
            f"{folder}/metadata.db"
        ),
    )


def _error(failed):
    cause = failed.__cause__
    behind = cause.__cause__
    return {
        "node": failed.node,
        "sentence": sentence(cause),
        "is of the user": isinstance(cause, NoSuchShapeError),
        "behind it": [type(behind).__name__, getattr(behind, "filename", None)],
    }


def main(folder):
    found = []
    with Executors(2, bound=False) as executors:
        for fault in ("Left fails", "Left dies", "none"):
            Path(folder, fault).touch()
            told, error = Told(), None
            logging.getLogger("progress").addHandler(told)
            try:
                launch(
                    _pipeline(folder),
                    fault,
                    told,
                    copies=Path(folder, "copies"),
                    side_by_side=executors.side_by_side(),
                )
            except NodeFailedError as failed:
                error = _error(failed)
            logging.getLogger("progress").removeHandler(told)
            found.append({"told": told.lines, "error": error})
            Path(folder, fault).unlink()
    print(json.dumps(found))


if __name__ == "__main__":
    # TFX imports the code of a node by module name.
    import meeting_nodes

    meeting_nodes.main(sys.argv[1])
