"""Six real runs whose artifacts lie in a bucket: all that is told of their files, as of a disk."""

from __future__ import annotations

import json
import re
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client

from documents.bucket_addresses import note_address
from inspection.__main__ import main
from inspection.api import open_store
from inspection.files import bucket
from inspection.files.workspace import Workspace
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source
from serving.base_path import storage
from serving.objects.place import STORES
from tests.inspection.recorded_runs import FIRST, PUSHED, RECORDED, SLICE
from tests.serving.certificates import Authority
from tests.serving.object_stores import google
from tests.serving.wire import Wire

RUNS = "gs://models/runs"


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """To a server that holds the files of the recorded artifacts."""
    with google(Authority(tmp_path_factory.mktemp("authority"))) as wire:
        files = storage.files(str(RECORDED / "artifacts"))
        storage.copy(str(RECORDED / "artifacts"), files, RUNS)
        storage.copy(str(RECORDED / "artifacts"), files[:1], "gs://models/elsewhere")
        yield wire


@pytest.fixture
def root(wire: Wire, tmp_path: Path) -> Iterator[Path]:
    """The ROOT of these runs; none of their artifacts is below it."""
    root = tmp_path / "root"
    shutil.copytree(RECORDED, root, ignore=shutil.ignore_patterns("artifacts"))
    with sqlite3.connect(root / "metadata.db") as store:
        store.execute(
            "UPDATE Artifact SET uri = ? || substr(uri, instr(uri, '/artifacts/') + 10) "
            "WHERE uri LIKE '%/artifacts/%'",
            (RUNS,),
        )
    store.close()
    note_address(root, RUNS)
    yield root
    wire.mend()


def explorer(root: Path) -> Client:
    return Client(App(Source(lambda: open_history(root), Workspace(root)), ["localhost"]))


def as_on_disk(text: str) -> str:
    """What a page or command says of artifacts, without the store's own name and place."""
    _, _, main = text.rpartition("<main")
    return re.sub(r"[^\s\"'>]*/artifacts/(?=[A-Z])", f"{RUNS}/", main)


@pytest.mark.medium
def test_every_page_of_artifacts_is_as_that_of_files_on_a_disk(root: Path) -> None:
    here, there = explorer(root), explorer(RECORDED)
    paths = [f"/runs/{PUSHED}", "/metrics"]
    for id, artifact in open_history(root).artifacts.items():
        paths += [f"/artifacts/a{id}", f"/artifacts/a{id}/files"]
        more = {"Examples": "examples", "ExampleStatistics": "statistics", "Model": "mistakes"}
        if artifact.type in more:
            paths.append(f"/artifacts/a{id}/{more[artifact.type]}")
        if artifact.type == "ServingReport":
            paths.append(f"/artifacts/a{id}/report")
    for path in paths:
        found, wanted = here.get(path), there.get(path)
        assert as_on_disk(found.text) == as_on_disk(wanted.text), path


@pytest.mark.medium
def test_a_folder_without_files_is_there(root: Path) -> None:
    empty = f"{RUNS}/Baseline/baseline/99"
    storage.place(empty).make_folder()
    workspace = Workspace(root)
    assert (workspace.place(empty), workspace.size(empty)) == (empty, 0)
    assert (workspace.place(f"{empty}0"), workspace.size(f"{empty}0")) == (None, None)


def test_a_file_is_read_and_kept(root: Path) -> None:
    client = explorer(root)
    artifacts = open_history(root).artifacts.values()
    blessing = next(each for each in artifacts if each.type == "ModelBlessing")
    files = f"/artifacts/a{blessing.id}/files"
    link = f"{files}/verdict.json"
    assert f'href="{link}"' in client.get(files).text
    assert "&#34;metrics&#34;" in client.get(link).text
    kept = client.get(f"{link}?download=1")
    assert b'"metrics"' in kept.data
    assert client.get(f"{files}/..%2Fverdict.json").status_code == 404


@pytest.mark.medium
@pytest.mark.parametrize(
    "asked",
    [
        ["why", SLICE],
        ["examples", str(FIRST)],
        ["drift", "SparseCategoricalAccuracy"],
        ["gc", "--dry-run"],
    ],
)
def test_a_command_answers_as_of_files_on_a_disk(root: Path, asked, capsys) -> None:
    code = main([*asked, "--store", str(RECORDED)])
    wanted = capsys.readouterr()
    assert main([*asked, "--store", str(root)]) == code
    found = capsys.readouterr()
    assert as_on_disk(found.out) == as_on_disk(wanted.out)


def test_a_store_without_a_folder_has_the_address_named(root: Path, capsys) -> None:
    (root / "artifacts.address").unlink()
    asked = ["examples", "ExampleGen", "--last", "1", "--store", str(root)]
    assert main(asked) == 1
    assert "name their folder with --root" in capsys.readouterr().err
    assert main([*asked, "--root", f"{RUNS}/"]) == 0
    assert open_store(root, root=RUNS).why(SLICE) == open_store(RECORDED).why(SLICE)


def test_nothing_but_what_is_below_the_address_is_asked_for(root: Path, wire: Wire) -> None:
    outside = [
        "gs://models/elsewhere",
        f"{RUNS}/../elsewhere",
        "gs://models/runs2",
        "s3://models/x",
    ]
    wire.mend()
    workspace = Workspace(root)
    for uri in outside:
        assert workspace.place(uri) is None
        assert workspace.files(uri, "*") == []
        assert workspace.size(uri) is None
    assert wire.passed == 0
    assert workspace.size(RUNS)


def test_a_bucket_that_is_not_there_is_one_sentence(root: Path, capsys) -> None:
    with sqlite3.connect(root / "metadata.db") as store:
        store.execute("UPDATE Artifact SET uri = replace(uri, 'gs://models', 'gs://nobodys')")
    store.close()
    asked = ["why", SLICE, "--json", "--store", str(root), "--root", "gs://nobodys/runs"]
    assert main(asked) == 3
    [said] = json.loads(capsys.readouterr().out)["damaged"]
    assert "there is no bucket called nobodys" in said


@pytest.mark.medium
def test_one_that_does_not_answer_is_not_waited_for_again(root: Path, monkeypatch) -> None:
    monkeypatch.setattr(bucket, "MOST_SECONDS", 0.5)
    monkeypatch.setattr(bucket, "HANGS_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{silent.getsockname()[1]}")
        client = explorer(root)
        first = client.get("/artifacts/a1").text
        monkeypatch.setattr(bucket, "MOST_SECONDS", 1000.0)
        second = client.get("/artifacts/a2").text
    for text in (first, second):
        [said] = set(re.findall(r"Passing over [^<]*", text))
        assert "gave no answer for" in said
        assert "copy the files and name their folder with --root" in said


def test_a_page_goes_on_where_all_that_it_asks_for_takes_too_long(root: Path, monkeypatch) -> None:
    client = explorer(root)
    monkeypatch.setattr(bucket, "MOST_SECONDS", 0.0)
    assert "took more than" in client.get("/artifacts/a1").text


def test_all_kinds_of_addresses_of_base_paths_are_known() -> None:
    assert set(bucket.SCHEMES) == STORES.keys()
