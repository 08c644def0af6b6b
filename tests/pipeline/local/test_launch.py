"""Launching nodes, on the smallest real pipeline: one node that imports a schema."""

from pathlib import Path

import pytest
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.components.base.base_node import BaseNode
from tfx.orchestration import metadata, pipeline

from components.example_gen.component import IdxExampleGen
from components.import_schema_gen.component import ImportSchemaGen
from pipeline.local.launch import NodeFailedError, launch
from pipeline.local.result import NodeResult

SCHEMA = 'feature { name: "label" type: INT }\n'


class Recorder:
    """Remembers what an observer is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def run_started(self, nodes) -> None:
        self.told.append(f"run of {', '.join(nodes)}")

    def node_started(self, node: str) -> None:
        self.told.append(f"{node} started")

    def node_finished(self, result: NodeResult) -> None:
        self.told.append(f"{result.node} {result.state}")


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "schema.pbtxt"
    path.write_text(SCHEMA)
    return path


def _launch(
    tmp_path: Path, schema: Path, node: BaseNode | None = None
) -> tuple[list[NodeResult], list[str]]:
    recorder = Recorder()
    built = pipeline.Pipeline(
        pipeline_name="small",
        pipeline_root=str(tmp_path / "artifacts"),
        components=[node or ImportSchemaGen(schema_file=schema)],
        enable_cache=True,
        metadata_connection_config=metadata.sqlite_metadata_connection_config(
            str(tmp_path / "metadata.db")
        ),
    )
    runs = len(list(tmp_path.glob("run-*")))
    (tmp_path / f"run-{runs}").touch()
    return launch(built, f"run-{runs}", recorder), recorder.told


def _store(tmp_path: Path) -> metadata_store.MetadataStore:
    return metadata_store.MetadataStore(
        metadata.sqlite_metadata_connection_config(str(tmp_path / "metadata.db"))
    )


def test_a_node_is_done_then_cached_then_done_again_when_its_input_is_edited(
    tmp_path: Path, schema: Path
):
    [first], told = _launch(tmp_path, schema)
    assert told == ["run of ImportSchemaGen", "ImportSchemaGen started", "ImportSchemaGen done"]
    uri = Path(first.outputs["schema"][0].uri)
    assert (uri / "schema.pbtxt").read_text() == SCHEMA

    [second], _ = _launch(tmp_path, schema)
    assert second.state == "cached"
    assert Path(second.outputs["schema"][0].uri) == uri

    schema.write_text(SCHEMA + 'feature { name: "image" type: BYTES }\n')
    [third], _ = _launch(tmp_path, schema)
    assert third.state == "done"


def test_a_failing_node_is_named_and_keeps_its_error(tmp_path: Path, schema: Path):
    schema.write_text("no schema at all {")
    with pytest.raises(NodeFailedError) as caught:
        _launch(tmp_path, schema)
    assert caught.value.node == "ImportSchemaGen"
    assert type(caught.value.__cause__).__name__ == "ParseError"


def test_a_driver_that_raises_leaves_nothing_running(tmp_path: Path, schema: Path):
    node = IdxExampleGen(input_base=str(tmp_path), eval_examples=1, shards=1, code_hash="")
    with pytest.raises(NodeFailedError):
        _launch(tmp_path, schema, node)
    [execution] = _store(tmp_path).get_executions()
    assert execution.last_known_state == metadata_store_pb2.Execution.FAILED


def test_what_a_killed_run_left_running_is_settled(tmp_path: Path, schema: Path):
    _launch(tmp_path, schema)
    store = _store(tmp_path)
    [execution] = store.get_executions()
    execution.last_known_state = metadata_store_pb2.Execution.RUNNING
    store.put_executions([execution])
    [left] = (tmp_path / "artifacts" / "ImportSchemaGen" / "schema").iterdir()

    [result], _ = _launch(tmp_path, schema)
    assert result.state == "done"
    settled = _store(tmp_path).get_executions_by_id([execution.id])[0]
    assert settled.last_known_state == metadata_store_pb2.Execution.FAILED
    assert not left.exists()
