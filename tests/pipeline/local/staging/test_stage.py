"""Nodes whose artifacts are in s3://, and see folders of this machine."""

from __future__ import annotations

import dataclasses
import itertools
import os
import signal
from pathlib import Path

import pytest
from ml_metadata.metadata_store import metadata_store
from tfx.orchestration import metadata, pipeline

from pipeline.local.failure import sentence
from pipeline.local.launch import NodeFailedError, launch
from pipeline.local.result import NodeResult
from serving.base_path import storage
from tests.pipeline.local.test_launch import Recorder
from tests.serving.stores import Store

pytestmark = pytest.mark.slow  # starts a server


@dataclasses.dataclass
class Machine:
    """A ROOT, whose runs have their artifacts in a bucket."""

    folder: Path
    artifacts: str
    database: Path
    numbers: itertools.count = dataclasses.field(default_factory=itertools.count)

    def run(self, text: str = "a") -> dict[str, NodeResult]:
        import staged_nodes

        written = staged_nodes.Write(text=text)
        built = pipeline.Pipeline(
            pipeline_name="small",
            pipeline_root=self.artifacts,
            components=[written, staged_nodes.Read(schema=written.outputs["schema"])],
            enable_cache=True,
            metadata_connection_config=metadata.sqlite_metadata_connection_config(
                str(self.database)
            ),
        )
        name = f"run-{self.folder.name}-{next(self.numbers)}"
        results = launch(built, name, Recorder(), copies=self.copies)
        return {result.node: result for result in results}

    @property
    def copies(self) -> Path:
        return self.folder / "copies"

    def files(self) -> list[str]:
        """Of artifacts that are kept here."""
        return sorted(
            str(path.relative_to(self.copies / self.artifacts.replace("://", "/")))
            for path in self.copies.rglob("*")
            if path.is_file()
        )

    def objects(self, node: str) -> list[str]:
        try:
            found = storage.files(f"{self.artifacts}/{node}")
        except FileNotFoundError:
            return []
        return [path for path in found if not path.startswith(".system/")]


@pytest.fixture
def machine(tmp_path: Path, s3_root: str, monkeypatch: pytest.MonkeyPatch) -> Machine:
    # TFX imports the code of a node by module name.
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
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


def test_of_a_node_that_was_killed_nothing_is_kept_after_the_next_run(machine: Machine):
    child = os.fork()
    if not child:
        machine.run("kill")
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    next(machine.numbers)
    assert machine.files() == ["Write/schema/1/half"]
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
        patch.setattr("pipeline.local.staging.copies.fetch", _after(ill))
        with pytest.raises(NodeFailedError) as failed:
            machine.run()
    said = sentence(failed.value.__cause__ or failed.value)
    assert said.startswith(
        f"{machine.artifacts}/Write/schema/1 cannot be fetched: the store failed 6 times in 0 s,"
    )
    assert said.endswith("; run the same again when it is well.")
    s3.wire.mend()
    assert machine.run()["Read"].state == "done"


def _after(act):
    from pipeline.local.staging import transfer

    fetch = transfer.fetch

    def acted(*arguments: str) -> None:
        act()
        fetch(*arguments)

    return acted


def _forget(node: str, machine: Machine) -> None:
    """Makes a node run again, on the same inputs."""
    [uri] = [each.uri for each in machine.run()[node].outputs["found"]]
    storage.replace(f"{uri}/found", b"damaged")
