"""Nodes whose artifacts are in s3://, and see folders of this machine."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from ml_metadata.metadata_store import metadata_store
from tfx.orchestration import metadata
from tfx.orchestration.portable import data_types
from tfx.proto.orchestration import execution_result_pb2, pipeline_pb2
from tfx.types import standard_artifacts

from pipeline.local.failures.failure import sentence
from pipeline.local.nodes.contents import Contents
from pipeline.local.nodes.launch import NodeFailedError
from pipeline.local.nodes.staging.copies import Copies
from pipeline.local.nodes.staging.stage import Stage
from pipeline.local.store.claim import ClaimedError
from pipeline.local.store.connection import connection_to_file
from pipeline.local.store.unpublished import adopt
from serving.base_path import storage
from serving.objects.store import StoreError
from tests.e2e import warm
from tests.e2e.clone import REPOSITORY
from tests.pipeline.local.nodes.staging.machine import Machine
from tests.serving.stores import Store

pytestmark = pytest.mark.slow  # starts a server


@pytest.fixture
def machine(tmp_path: Path, s3_root: str) -> Machine:
    return Machine(tmp_path, s3_root, tmp_path / "metadata.db")


def test_nodes_see_paths_and_everybody_else_addresses(machine: Machine):
    results = machine.run()
    assert {result.state for result in results.values()} == {"done"}
    assert machine.objects("Write") == ["schema/1/empty", "schema/1/sub/schema.pbtxt"]
    [found] = results["Read"].outputs["found"]
    with storage.reading(f"{found.uri}/found") as file:
        assert file.read().decode() == f"{machine.artifacts}/Write/schema/1\na"
    assert found.get_string_custom_property("read_at") == (
        f"{machine.artifacts}/Write/schema/1/sub/schema.pbtxt"
    )
    store = metadata_store.MetadataStore(
        metadata.sqlite_metadata_connection_config(str(machine.database))
    )
    known = "\n".join(map(str, [*store.get_artifacts(), *store.get_executions()]))
    assert str(machine.folder) not in known
    assert {each.uri.partition("://")[0] for each in store.get_artifacts()} == {"s3"}
    assert not list(machine.copies.rglob(".unfinished/*"))


def test_what_is_cached_is_not_fetched_and_what_is_needed_is_once(
    machine: Machine, s3: Store, tmp_path: Path
):
    machine.run()
    assert {result.state for result in machine.run().values()} == {"cached"}
    # Another machine, which shares the metadata store.
    other = Machine(tmp_path / "other", machine.artifacts, machine.database)
    assert {result.state for result in other.run().values()} == {"cached"}
    assert not other.copies.exists()


def test_a_copy_is_used_again_as_long_as_it_is_what_was_written(
    machine: Machine, s3: Store, tmp_path: Path
):
    machine.run()
    written = "Write/schema/1/sub/schema.pbtxt"
    assert written in machine.files()
    _forget("Read", machine)
    s3.wire.mend()  # which begins to count anew
    assert machine.run()["Read"].state == "done"
    again = s3.wire.passed
    _forget("Read", machine)
    (machine.copies / machine.artifacts.replace("://", "/") / written).write_text("b")
    assert machine.run()["Read"].state == "done"
    [copy] = machine.copies.rglob("schema.pbtxt")
    assert copy.read_text() == "a"
    assert again > 0
    # A machine that has none yet.
    _forget("Read", machine)
    other = Machine(tmp_path / "other", machine.artifacts, machine.database)
    assert other.run()["Read"].state == "done"
    assert [path for path in other.files() if path.startswith("Write")] == [
        "Write/schema/1/empty",
        written,
    ]


def test_copies_of_what_a_run_had_nothing_to_do_with_are_removed(machine: Machine):
    machine.run()
    machine.run("b")
    assert {path.split("/")[2] for path in machine.files()} == {"3", "4"}
    machine.run()  # from the cache
    assert {path.split("/")[2] for path in machine.files()} == set()


def test_damaged_objects_are_made_anew(machine: Machine, s3: Store, caplog):
    machine.run()
    s3.write(f"{machine.artifacts}/Write/schema/1/sub/schema.pbtxt", b"b")
    assert machine.run()["Write"].state == "done"
    assert (
        f"What Write wrote to {machine.artifacts}/Write/schema/1 is damaged:"
        " sub/schema.pbtxt changed; Write runs anew"
    ) in [record.getMessage() for record in caplog.records]


def test_of_a_node_that_fails_nothing_is_kept(machine: Machine):
    with pytest.raises(NodeFailedError, match="no") as failed:
        machine.run("no")
    assert sentence(failed.value.__cause__ or failed.value) == "ValueError: no"
    assert (machine.objects("Write"), machine.files()) == ([], [])


@pytest.mark.parametrize("text", ["kill", "of " * 40_000])
def test_of_a_node_that_was_killed_nothing_is_kept_after_the_next_run(
    machine: Machine, s3: Store, text: str
):
    module = "tests.pipeline.local.nodes.staging.machine"
    child = warm.start(
        ["-m", module, machine.folder, machine.artifacts, text],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    # While its outputs are stored, where it does not do so itself.
    s3.wire.cut_at(70_000, then=child.kill)
    assert child.wait(300) == -signal.SIGKILL, child.communicate(10)
    s3.wire.mend()
    next(machine.numbers)
    assert {path.split("/")[1] for path in machine.files()} == {"schema"}
    assert "schema/1/sub/schema.pbtxt" not in machine.objects("Write")
    machine.run()
    assert {path.split("/")[1] for path in machine.objects("Write")} == {"2"}
    assert {path.split("/")[2] for path in machine.files()} == {"2", "3"}


def test_a_store_that_fails_is_one_sentence(machine: Machine, s3: Store, monkeypatch):
    machine.run()
    _forget("Read", machine)
    storage.remove(str(machine.copies))

    def ill(*arguments: object) -> None:
        s3.wire.ill(1_000, 503)

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.local.nodes.staging.copies.fetch", _after(ill))
        with pytest.raises(NodeFailedError) as failed:
            machine.run()
    said = sentence(failed.value.__cause__ or failed.value)
    assert said.startswith(
        f"{machine.artifacts}/Write/schema/1 cannot be fetched: the store failed 6 times in 0 s,"
    )
    assert said.endswith("; run the same again when it is well.")
    s3.wire.mend()
    assert machine.run()["Read"].state == "done"


def test_a_bucket_of_another_store_is_refused_before_the_first_node(
    machine: Machine, tmp_path: Path
):
    machine.run()
    kept = machine.objects("Write")
    (tmp_path / "other").mkdir()
    other = Machine(tmp_path / "other", machine.artifacts, tmp_path / "other" / "metadata.db")
    with pytest.raises(ClaimedError, match=f"in a metadata store of their own, in {tmp_path} on "):
        other.run()
    assert machine.objects("Write") == kept
    assert machine.run()["Write"].state == "cached"


@pytest.mark.parametrize("node", ["Variants", "Trainer"])
def test_where_tensorflow_reaches_addresses_only_those_get_copies_who_need_paths(
    bucket: Store, remote_root: str, tmp_path: Path, node: str
):
    bucket.write(f"{remote_root}/model/1/model", b"a")
    model, made = standard_artifacts.Model(), standard_artifacts.Schema()
    model.uri, made.uri = f"{remote_root}/model/1", f"{remote_root}/made/2"
    seen: list[str] = []

    def execute(info: data_types.ExecutionInfo) -> execution_result_pb2.ExecutorOutput:
        seen.extend(found[0].uri for found in (info.input_dict["model"], info.output_dict["made"]))
        if node == "Variants":
            Path(seen[1], "made").write_bytes(Path(seen[0], "model").read_bytes())
        return execution_result_pb2.ExecutorOutput()

    info = data_types.ExecutionInfo(
        input_dict={"model": [model]},
        output_dict={"made": [made]},
        exec_properties={},
        pipeline_node=pipeline_pb2.PipelineNode(node_info=pipeline_pb2.NodeInfo(id=node)),
    )
    Stage(Copies(tmp_path / "copies", Contents())).run(execute, info)
    if node == "Variants":
        assert all(each.startswith(str(tmp_path)) for each in seen)
        with storage.reading(f"{made.uri}/made") as file:
            assert file.read() == b"a"
    else:
        assert seen == [model.uri, made.uri]


def test_what_is_kept_outlives_a_bucket_that_does_not_answer(machine: Machine, s3: Store):
    record = f"{machine.artifacts}/.unpublished/7.json"
    s3.write(record, b"{}")
    s3.wire.ill(1_000, 503)
    with pytest.raises(StoreError, match="the store failed 6 times"):
        adopt(machine.artifacts, connection_to_file(machine.database))
    s3.wire.mend()
    assert storage.exists(record)


def _after(act):
    from pipeline.local.nodes.staging import transfer

    fetch = transfer.fetch

    def acted(*arguments: str) -> None:
        act()
        fetch(*arguments)

    return acted


def _forget(node: str, machine: Machine) -> None:
    """Makes a node run again, on the same inputs."""
    [uri] = [each.uri for each in machine.run()[node].outputs["found"]]
    storage.replace(f"{uri}/found", b"damaged")
