"""Launching nodes, on the smallest real pipeline: one node that imports a schema."""

import dataclasses
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.components.base.base_node import BaseNode
from tfx.orchestration import metadata, pipeline

from components.example_gen.component import IdxExampleGen
from components.import_schema_gen.component import ImportSchemaGen
from documents.run_record import KILLED, RunRecord
from documents.terminal.short_path import short_path
from pipeline.local.nodes.launch import NodeFailedError, launch
from pipeline.local.nodes.result import NodeResult
from pipeline.local.store.leftovers import LeftoversError
from pipeline.local.store.record import end
from tests.fashion_mnist import DECLARATION
from tests.pipeline.local.nodes.recorder import Recorder
from tests.there import there

SCHEMA = 'feature { name: "label" type: INT }\n'


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "schema.pbtxt"
    path.write_text(SCHEMA)
    return path


def _launch(
    tmp_path: Path,
    schema: Path,
    *nodes: BaseNode,
    from_node: str | None = None,
    record: RunRecord | None = None,
) -> tuple[list[NodeResult], list[str]]:
    recorder = Recorder()
    built = pipeline.Pipeline(
        pipeline_name="small",
        pipeline_root=str(tmp_path / "artifacts"),
        components=list(nodes) or [ImportSchemaGen(schema=schema.read_text())],
        enable_cache=True,
        metadata_connection_config=metadata.sqlite_metadata_connection_config(
            str(tmp_path / "metadata.db")
        ),
    )
    runs = len(list(tmp_path.glob("run-*")))
    (tmp_path / f"run-{runs}").touch()
    results = launch(
        built,
        f"run-{runs}",
        recorder,
        copies=tmp_path / "copies",
        from_node=from_node,
        record=record,
    )
    return results, recorder.told


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
    node = IdxExampleGen(
        input_base=str(tmp_path),
        eval_examples=1,
        shards=1,
        declaration=DECLARATION.model_dump_json(),
        code_hash="",
    )
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
    assert settled.custom_properties[KILLED].int_value == 1
    assert not left.exists()


def test_how_a_run_was_started_and_ended_is_in_the_store(tmp_path: Path, schema: Path):
    record = RunRecord(("python", "local_runner.py", "--set", "a=ü"), "/src", {"a": "ü"}, "abc+")
    _launch(tmp_path, schema, record=record)
    connection = metadata.Metadata(
        metadata.sqlite_metadata_connection_config(str(tmp_path / "metadata.db"))
    )
    run = there(_store(tmp_path).get_context_by_type_and_name("pipeline_run", "run-0"))
    assert RunRecord.of(_properties(run)) == record
    # What made a run fail may keep this from working: it says nothing.
    end(connection, "no such run", "failed", None)
    end(connection, "run-0", "failed", "Trainer: no")
    run = there(_store(tmp_path).get_context_by_type_and_name("pipeline_run", "run-0"))
    ended = dataclasses.replace(record, outcome="failed", reason="Trainer: no")
    assert RunRecord.of(_properties(run)) == ended
    assert len(_store(tmp_path).get_executions_by_context(run.id)) == 1


def _properties(context: metadata_store_pb2.Context) -> dict[str, str]:
    return {name: value.string_value for name, value in context.custom_properties.items()}


def _flip(uri: Path) -> None:
    file = uri / "schema.pbtxt"
    before = file.stat()
    file.write_bytes(bytes([file.read_bytes()[0] ^ 1]) + file.read_bytes()[1:])
    # As a disk would: nobody has written.
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def _lose(uri: Path) -> None:
    (uri / "schema.pbtxt").unlink()


def _add(uri: Path) -> None:
    (uri / "another.pbtxt").write_text(SCHEMA)


DAMAGES = pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_flip, "schema.pbtxt changed"),
        (_lose, "schema.pbtxt is missing"),
        (_add, "another.pbtxt was added"),
    ],
)


@pytest.mark.medium
@DAMAGES
def test_damaged_outputs_are_made_anew_instead_of_coming_from_the_cache(
    tmp_path: Path, schema: Path, damage, said: str, caplog: pytest.LogCaptureFixture
):
    [first], _ = _launch(tmp_path, schema)
    damage(Path(first.outputs["schema"][0].uri))
    [second], _ = _launch(tmp_path, schema)
    assert second.state == "done"
    uri = Path(second.outputs["schema"][0].uri)
    assert {path.name: path.read_text() for path in uri.iterdir()} == {"schema.pbtxt": SCHEMA}
    [told] = [record.getMessage() for record in caplog.records if record.name == "progress"]
    assert told == (
        f"What ImportSchemaGen wrote to {first.outputs['schema'][0].uri} is damaged: {said};"
        " ImportSchemaGen runs anew"
    )
    [third], _ = _launch(tmp_path, schema)
    assert (third.state, third.outputs["schema"][0].uri) == ("cached", str(uri))


def test_an_older_execution_that_is_whole_answers_instead_of_a_damaged_one(
    tmp_path: Path, schema: Path
):
    [first], _ = _launch(tmp_path, schema)
    _lose(Path(first.outputs["schema"][0].uri))
    [second], _ = _launch(tmp_path, schema)
    _lose(Path(second.outputs["schema"][0].uri))
    [third], _ = _launch(tmp_path, schema)
    assert third.state == "done"


@pytest.fixture
def reading_node(monkeypatch: pytest.MonkeyPatch):
    # TFX imports the code of a node by module name.
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    import reading_node

    return reading_node


@pytest.mark.medium
@DAMAGES
def test_a_node_that_runs_alone_uses_nothing_damaged(
    tmp_path: Path, schema: Path, reading_node, damage, said: str
):
    def nodes() -> list[BaseNode]:
        schema_gen = ImportSchemaGen(schema=schema.read_text())
        return [schema_gen, reading_node.Reader(schema=schema_gen.outputs["schema"])]

    first, _ = _launch(tmp_path, schema, *nodes())[0]
    damage(Path(first.outputs["schema"][0].uri))
    with pytest.raises(NodeFailedError, match="run again without --from") as caught:
        _launch(tmp_path, schema, *nodes(), from_node="Reader")
    assert f"Before Reader could use it, what ImportSchemaGen wrote to {tmp_path}" in str(
        caught.value
    )
    assert said in str(caught.value)
    again, _ = _launch(tmp_path, schema, *nodes())
    assert [result.state for result in again] == ["done", "done"]


def test_what_is_damaged_during_the_run_is_not_used(tmp_path: Path, schema: Path, reading_node):
    schema_gen = ImportSchemaGen(schema=schema.read_text())
    vandal = reading_node.Vandal(schema=schema_gen.outputs["schema"])
    reader = reading_node.Reader(schema=schema_gen.outputs["schema"])
    reader.add_upstream_node(vandal)
    with pytest.raises(NodeFailedError, match=r"Before Reader could use it, .* changed"):
        _launch(tmp_path, schema, schema_gen, vandal, reader)


def test_what_an_earlier_release_wrote_without_a_record_is_used(tmp_path: Path, schema: Path):
    [first], _ = _launch(tmp_path, schema)
    store = _store(tmp_path)
    [artifact] = store.get_artifacts()
    del artifact.custom_properties["files_digest"]
    store.put_artifacts([artifact])
    _add(Path(first.outputs["schema"][0].uri))
    [second], _ = _launch(tmp_path, schema)
    assert second.state == "cached"


class TestOutputsThatTheStoreDoesNotKnow:
    def test_a_lost_store_stops_the_run_with_the_mend(self, tmp_path: Path, schema: Path):
        [first], _ = _launch(tmp_path, schema)
        (tmp_path / "metadata.db").unlink()
        with pytest.raises(LeftoversError, match=r"knows no execution: .* mv ") as caught:
            _launch(tmp_path, schema)
        assert short_path(first.outputs["schema"][0].uri) in str(caught.value)
        assert (Path(first.outputs["schema"][0].uri) / "schema.pbtxt").read_text() == SCHEMA

    def test_the_mend_mends(self, tmp_path: Path, schema: Path):
        _launch(tmp_path, schema)
        (tmp_path / "metadata.db").unlink()
        with pytest.raises(LeftoversError) as caught:
            _launch(tmp_path, schema)
        mend = str(caught.value).rpartition("after: ")[2]
        subprocess.run(mend, shell=True, check=True)
        [again], _ = _launch(tmp_path, schema)
        assert again.state == "done"
        assert len(os.listdir(again.outputs["schema"][0].uri)) == 1

    def test_an_older_copy_of_the_store_stops_the_run(self, tmp_path: Path, schema: Path):
        _launch(tmp_path, schema)
        shutil.copy(tmp_path / "metadata.db", tmp_path / "copy.db")
        schema.write_text(SCHEMA * 2)
        _launch(tmp_path, schema)
        shutil.copy(tmp_path / "copy.db", tmp_path / "metadata.db")
        with pytest.raises(LeftoversError, match="knows nothing after execution 1: "):
            _launch(tmp_path, schema)

    def test_lost_artifacts_are_made_anew(self, tmp_path: Path, schema: Path):
        [first], _ = _launch(tmp_path, schema)
        shutil.rmtree(tmp_path / "artifacts")
        [again], _ = _launch(tmp_path, schema)
        assert again.state == "done"
        assert again.outputs["schema"][0].uri != first.outputs["schema"][0].uri
        assert (Path(again.outputs["schema"][0].uri) / "schema.pbtxt").read_text() == SCHEMA
