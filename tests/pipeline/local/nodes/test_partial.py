"""Partial runs of a pipeline of two nodes: one imports a schema, one copies it."""

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest
from tfx.orchestration import metadata, pipeline

from components.import_schema_gen.component import ImportSchemaGen
from pipeline.local.nodes.launch import launch
from pipeline.local.nodes.partial import PartialRunError
from pipeline.local.nodes.result import NodeResult

USERS_NODE = """
import shutil
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact
from tfx.dsl.component.experimental.decorators import component
from tfx.types.standard_artifacts import Schema

@component
def CopySchema(schema: InputArtifact[Schema], copy: OutputArtifact[Schema]):
    shutil.copytree(schema.uri, copy.uri, dirs_exist_ok=True)
"""

Run = Callable[..., dict[str, str]]


class Silent:
    """An observer that says nothing."""

    def run_started(self, nodes) -> None: ...

    def node_started(self, node: str) -> None: ...

    def node_finished(self, result: NodeResult) -> None: ...


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Launches the pipeline and returns the state of each node."""
    (tmp_path / "users_copy_node.py").write_text(USERS_NODE)
    monkeypatch.syspath_prepend(str(tmp_path))
    users_node = importlib.import_module("users_copy_node")
    numbers = iter(range(100))

    def launch_it(*, from_node: str | None = None, to_node: str | None = None) -> dict[str, str]:
        imported = ImportSchemaGen(schema='feature { name: "label" }')
        built = pipeline.Pipeline(
            pipeline_name="two",
            pipeline_root=str(tmp_path / "artifacts"),
            components=[imported, users_node.CopySchema(schema=imported.outputs["schema"])],
            metadata_connection_config=metadata.sqlite_metadata_connection_config(
                str(tmp_path / "metadata.db")
            ),
        )
        results = launch(
            built,
            f"run-{next(numbers)}",
            Silent(),
            copies=tmp_path / "copies",
            from_node=from_node,
            to_node=to_node,
        )
        return {result.node: result.state for result in results}

    return launch_it


def test_to_stops_after_the_node(run: Run):
    assert run(to_node="ImportSchemaGen") == {"ImportSchemaGen": "done", "CopySchema": "skipped"}


@pytest.mark.medium
def test_from_takes_the_artifacts_of_the_latest_run_that_has_them(run: Run, tmp_path: Path):
    run()
    run(from_node="CopySchema")  # latest, yet without an ImportSchemaGen of its own
    assert run(from_node="CopySchema") == {"ImportSchemaGen": "skipped", "CopySchema": "done"}


def test_from_without_an_earlier_run_is_refused(run: Run):
    with pytest.raises(PartialRunError, match=r"no earlier run has outputs of ImportSchemaGen"):
        run(from_node="CopySchema")


@pytest.mark.parametrize("option", ["from_node", "to_node"])
def test_an_unknown_node_is_refused_with_the_known_ones(run: Run, option: str):
    with pytest.raises(PartialRunError, match=r"Copy: there is no such node.*CopySchema"):
        run(**{option: "Copy"})


def test_an_empty_range_is_refused(run: Run):
    with pytest.raises(PartialRunError, match="no node lies between"):
        run(from_node="CopySchema", to_node="ImportSchemaGen")
