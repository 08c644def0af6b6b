"""What is offered for deletion is never what is served, or speaks for it."""

from __future__ import annotations

import datetime
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from ml_metadata.proto import metadata_store_pb2 as mlmd

from documents.bucket_addresses import note_address
from documents.provenance import Provenance
from inspection.__main__ import main
from serving.base_path import storage
from tests.inspection.questions.garbage.three_runs import three_runs
from tests.inspection.store_writer import Out, StoreWriter, publish, stock_run
from tests.serving.certificates import Authority
from tests.serving.object_stores import google

Ask = Callable[..., dict]
LIVE = "the live version's lineage and evidence"


@pytest.fixture
def ask(store: StoreWriter, capsys: pytest.CaptureFixture[str]) -> Ask:
    """What `gc --dry-run` answers, with the ids that it offers in `offered`."""

    def run(*arguments: str, root: Path | None = None) -> dict:
        capsys.readouterr()
        where = ("--store", str(root or store.root))
        assert main(["gc", "--dry-run", *arguments, *where, "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        return {**answer, "offered": {each["artifact"] for each in answer["deletable"]}}

    return run


@pytest.mark.medium
@pytest.mark.parametrize("place", ["serving", "serving/taxi", "elsewhere/models"])
def test_where_tfx_itself_pushed_into_any_folder(store, ask, place):
    pushed, refused, last = three_runs(store, store.root / place)
    answer = ask()
    assert not {*pushed.values(), *last.values()} & answer["offered"]
    # Of the one in the middle nobody needs anything.
    assert answer["offered"] == set(refused.values())
    assert answer["needed"][LIVE] >= len(pushed)


def test_a_base_path_outside_the_workspace_is_found_from_the_store(store, ask, memory_path):
    pushed, refused, _ = three_runs(store, memory_path / "srv" / "taxi")
    assert ask()["offered"] == set(refused.values())
    assert not set(pushed.values()) & ask()["offered"]


def test_several_pipelines_in_one_store_are_told_apart(store, ask):
    first = three_runs(store, store.root / "serving" / "taxi")
    second = three_runs(store, store.root / "serving" / "penguin", "penguin")
    needed = {id for runs in (first, second) for run in (runs[0], runs[2]) for id in run.values()}
    answer = ask()
    assert not needed & answer["offered"]
    assert answer["offered"] == {*first[1].values(), *second[1].values()}


def test_data_of_another_pipeline_that_a_live_version_was_made_from_stays(store, ask):
    maker = three_runs(store, store.root / "serving" / "maker", "maker")
    user = stock_run(
        store,
        "user",
        "user-1",
        base=store.root / "serving" / "user",
        examples=maker[1]["examples"],
    )
    assert maker[1]["examples"] not in ask()["offered"]
    assert not set(user.values()) & ask()["offered"]


@pytest.mark.medium
@pytest.mark.parametrize("written", ["v1700000001", "1700000001", None])
def test_however_the_pusher_writes_the_version(store, ask, written):
    base = store.root / "serving" / "taxi"
    pushed = stock_run(store, "taxi", "1", base=base, pushed_version=written)
    stock_run(store, "taxi", "2", base=base, version="5", blessed=False)
    stock_run(store, "taxi", "3", base=base, version="6", blessed=False)
    assert not set(pushed.values()) & ask()["offered"]


def test_a_version_that_can_come_back_keeps_its_evidence(store, ask):
    base = store.root / "serving" / "taxi"
    runs = [stock_run(store, "taxi", str(n), base=base, version=str(n)) for n in (1, 2, 3, 4)]
    (base / "2").rename(base / ".withdrawn-2")
    shutil.rmtree(base / "3" / "saved_model.pb", ignore_errors=True)
    assert ask()["offered"] == set()
    # Once it is pruned, it cannot.
    shutil.rmtree(base / ".withdrawn-2")
    assert ask()["offered"] == set(runs[1].values())


def test_what_was_found_out_about_the_model_in_a_later_run_stays(store, ask):
    base = store.root / "serving" / "taxi"
    live = stock_run(store, "taxi", "1", base=base)
    again = store.run("taxi", "2").node(
        "Evaluator",
        {"examples": live["examples"], "model": live["model"]},
        {"blessing": Out("ModelBlessing", {"blessed": 1}), "evaluation": Out("ModelEvaluation")},
    )
    for name in ("3", "4"):
        stock_run(store, "taxi", name, base=base, version=f"9{name}", blessed=False)
    assert not set(again.values()) & ask()["offered"]


@pytest.mark.medium
@pytest.mark.parametrize(
    "base", ["gs://bucket/serving/taxi", "/somewhere/else/taxi", "projects/p/endpoints", None]
)
def test_where_no_base_path_is_understood_nothing_is_offered(store, ask, base):
    for name in ("1", "2", "3"):
        stock_run(store, "taxi", name, base=base, version=f"170000000{name}")
    answer = ask()
    assert answer["deletable"] == []
    assert answer["answer"].startswith("Nothing is offered for deletion: of pipeline taxi nobody")
    assert str(base) in answer["answer"] or "no push of it is recorded" in answer["answer"]


def test_one_pipeline_that_is_not_understood_leaves_the_other_its_offers(store, ask):
    _, refused, _ = three_runs(store, store.root / "serving" / "taxi")
    others = [stock_run(store, "cloud", name, base="gs://bucket/x") for name in ("a", "b", "c")]
    answer = ask()
    assert answer["offered"] == set(refused.values())
    assert not {id for run in others for id in run.values()} & answer["offered"]
    assert "gs://bucket/x" in answer["unknown"][0]


def test_a_moved_workspace_is_understood(store, ask, memory_path):
    _, refused, _ = three_runs(store, store.root / "serving" / "taxi")
    moved = Path(shutil.move(store.root, memory_path / "moved"))
    assert ask(root=moved)["offered"] == set(refused.values())


def test_only_what_is_older_than_asked_for(store, ask, capsys):
    _, refused, _ = three_runs(store, store.root / "serving" / "taxi")
    assert ask("--older-than", "0s")["offered"] == set(refused.values())
    answer = ask("--older-than", "1d")
    assert answer["offered"] == set()
    assert answer["needed"]["younger than 1 day, or read since"] == len(refused)
    assert main(["gc", "--dry-run", "--older-than", "soon", "--store", str(store.root)]) == 2
    assert "is no age" in capsys.readouterr().err


@pytest.mark.medium
@pytest.mark.parametrize(
    "type",
    [
        "tfx.dsl.components.common.importer.Importer",
        "tfx.components.common_nodes.importer_node.ImporterNode",
        "system.ImporterExecution",
        "system.ImporterWorkspaceExecution",
    ],
)
def test_an_artifact_that_was_imported_is_the_users_own(store, ask, type):
    base = store.root / "serving" / "taxi"
    run = store.run("taxi", "0")
    own = store.root / "my_data"
    own.mkdir()
    imported = run.node(
        "Importer",
        {},
        {"result": Out("Examples", uri=str(own))},
        type=type,
    )
    three_runs(store, base)
    assert imported["result"] not in ask()["offered"]


def test_a_folder_that_holds_what_is_needed_is_not_offered(store, ask):
    base = store.root / "serving" / "taxi"
    pushed, refused, _ = three_runs(store, base)
    artifact = store.client.get_artifacts_by_id([pushed["model"]])[0]
    inside = store.client.get_artifacts_by_id([refused["model"]])[0]
    artifact.uri = f"{inside.uri}/nested"
    Path(artifact.uri).mkdir()
    store.client.put_artifacts([artifact])
    assert refused["model"] not in ask()["offered"]


def test_a_run_that_is_going_on_keeps_what_it_read(store, ask):
    base = store.root / "serving" / "taxi"
    _, refused, _ = three_runs(store, base)
    reading = store.run("taxi", "running")
    reading.node("Trainer", {"examples": refused["examples"]}, {}, state="running")
    stock_run(store, "taxi", "5", base=base, version="17", blessed=False)
    assert refused["examples"] not in ask()["offered"]


def test_every_page_and_time_agree(store):
    from inspection.files.base_path import find_base_paths, read_base_path
    from inspection.files.workspace import Workspace
    from inspection.questions.garbage.garbage import garbage
    from inspection.store import open_history

    base = store.root / "serving"
    three_runs(store, base)
    publish(base, "not_a_number")
    history, workspace = open_history(store.root), Workspace(store.root)
    bases = [read_base_path(path) for path in find_base_paths(history, workspace)]
    now = datetime.datetime.now(datetime.timezone.utc)
    assert garbage(history, workspace, bases).deletable
    year = datetime.timedelta(days=365)
    assert not garbage(history, workspace, bases, older_than=year, now=now).deletable


def test_a_base_path_that_only_has_the_same_name_is_another_one(store, ask):
    three_runs(store, store.root / "serving" / "model")
    # The same in the store as where it is mounted; not here today.
    for place in ("/mnt/prod/model", "/mnt/prod/serving/model"):
        runs = [
            stock_run(store, place[5:], f"{place}-{n}", base=place, version=str(n)) for n in "123"
        ]
        answer = ask()
        assert not {id for run in runs for id in run.values()} & answer["offered"]
        assert any(
            f"it pushes to {place}, which is not at hand" in each for each in answer["unknown"]
        )


def test_versions_of_the_same_numbers_and_name_elsewhere_stay(store, ask):
    stock_run(store, "taxi", "1", base=store.root / "serving" / "model", version="1")
    runs = [stock_run(store, "prod", f"p{n}", base="/mnt/model", version=n) for n in "1234"]
    # Version 1 has that number and name in both; of 2 to 4 the base path here knows nothing.
    assert not {id for run in runs for id in run.values()} & ask()["offered"]


def test_runs_of_two_pipelines_by_one_name_are_of_both(store, ask):
    base = store.root / "serving" / "taxi"
    for name in ("1", "2", "3"):
        stock_run(store, "taxi", name, base=base, version=f"170000000{name}")
        others = stock_run(store, "cloud", name, base="gs://bucket/x", blessed=False)
    stock_run(store, "taxi", "4", base=base, version="1700000004")
    stock_run(store, "taxi", "5", base=base, version="1700000005")
    answer = ask()
    assert not set(others.values()) & answer["offered"]
    [unknown] = answer["unknown"]
    assert "of pipeline cloud nobody can say" in unknown


def test_what_a_resolver_would_choose_stays(store, ask):
    base = store.root / "serving" / "taxi"
    pushed, refused, _ = three_runs(store, base)
    # Blessed, and its run ended before the push.
    run = store.run("taxi", "4")
    made = run.node("CsvExampleGen", {}, {"examples": Out("Examples")})
    given = {"examples": made["examples"]}
    made |= run.node("Trainer", given, {"model": Out("Model")})
    made |= run.node(
        "Evaluator", {**given, **made}, {"blessing": Out("ModelBlessing", {"blessed": 1})}
    )
    run.node("Pusher", {"model": made["model"]}, {}, state="failed")
    store.run("taxi", "5").node("CsvExampleGen", {}, {}, state="failed")
    assert ask()["offered"] == set(refused.values())
    # Even when complete runs came after it.
    for name in ("6", "7"):
        stock_run(store, "taxi", name, base=base, version=f"9{name}", blessed=False)
    assert not {made["model"], made["blessing"], *pushed.values()} & ask()["offered"]


def test_a_version_that_nobody_knows_the_making_of_leaves_no_offers(store, ask):
    base = store.root / "serving" / "taxi"
    three_runs(store, base)
    publish(base, "1800000000")  # by a Pusher that was killed, or by hand
    answer = ask()
    assert answer["offered"] == set()
    assert f"what version 1800000000 in {base} was made from" in answer["answer"]


def test_an_empty_base_path_may_be_a_disk_that_is_not_mounted(store, ask):
    base = store.root / "serving" / "taxi"
    three_runs(store, base)
    shutil.rmtree(base)
    base.mkdir()
    answer = ask()
    assert answer["offered"] == set()
    assert f"it pushes to {base}, which is not at hand" in answer["answer"]


def test_a_withdrawn_version_that_only_its_provenance_tells_of_stays(store, ask):
    base = store.root / "serving" / "taxi"
    killed = stock_run(store, "taxi", "1", base=None)
    [model] = store.client.get_artifacts_by_id([killed["model"]])
    publish(base, ".withdrawn-1600000000")
    told = base / ".withdrawn-1600000000" / Provenance.FILE
    told.parent.mkdir()
    told.write_text(json.dumps({"artifacts": {"model": {"id": model.id, "uri": model.uri}}}))
    for name in ("2", "3", "4"):
        stock_run(store, "taxi", name, base=base, version=f"170000000{name}", blessed=name == "4")
    assert not set(killed.values()) & ask()["offered"]


def test_what_is_served_stays_whoever_called_it_deleted(store, ask):
    base = store.root / "serving" / "taxi"
    pushed, refused, _ = three_runs(store, base)
    [around] = store.client.get_artifacts_by_id([refused["model"]])
    [served] = store.client.get_artifacts_by_id([pushed["model"]])
    served.uri = f"{around.uri}/nested"
    served.state = mlmd.Artifact.DELETED
    Path(served.uri).mkdir()
    store.client.put_artifacts([served])
    assert refused["model"] not in ask()["offered"]


@pytest.mark.medium
@pytest.mark.parametrize("place", ["metadata.db", "logs", "checkpoints/1", "", "serving"])
def test_files_that_are_no_artifacts_stay(store, ask, place):
    _, refused, _ = three_runs(store, store.root / "serving" / "taxi")
    (store.root / "logs").mkdir()
    (store.root / "checkpoints" / "1").mkdir(parents=True)
    [artifact] = store.client.get_artifacts_by_id([refused["model"]])
    artifact.uri = f"{store.root}/{place}"
    store.client.put_artifacts([artifact])
    assert refused["model"] not in ask()["offered"]


def test_where_nothing_has_files_it_says_so(memory_path, capsys):
    StoreWriter(memory_path / "root")
    assert main(["gc", "--dry-run", "--store", str(memory_path / "root")]) == 0
    assert capsys.readouterr().out.startswith("Nothing can be deleted: no artifact of the store")


def test_of_what_is_in_a_bucket_nothing_is_offered_and_it_says_so(store, ask, capsys):
    _, refused, _ = three_runs(store, store.root / "serving" / "taxi")
    moved = [each for each in store.client.get_artifacts() if each.id in refused.values()]
    for artifact in moved:
        artifact.uri = f"s3://bucket/runs/{artifact.id}"
    store.client.put_artifacts(moved)
    answer = ask()
    assert not answer["deletable"]
    assert answer["in_buckets"] == len(moved)
    assert main(["gc", "--dry-run", "--store", str(store.root)]) == 0
    assert (
        f"{len(moved)} artifacts lie in a bucket that is not read here" in capsys.readouterr().out
    )
    every = store.client.get_artifacts()
    for artifact in every:
        artifact.uri = f"s3://bucket/runs/{artifact.id}"
    store.client.put_artifacts(every)
    assert main(["gc", "--dry-run", "--store", str(store.root)]) == 0
    assert capsys.readouterr().out.startswith(
        f"Nothing is offered for deletion: {len(every)} artifacts lie in a bucket"
    )


def test_what_is_in_a_bucket_of_the_workspace_is_offered_as_on_a_disk(store, ask, tmp_path):
    _, refused, last = three_runs(store, store.root / "serving" / "taxi")
    runs, gone, holder = "gs://models/runs", *[*refused.values()][:2]
    places = {id: f"{runs}/{id}" for id in refused.values()}
    # Needed, and in the folder of one that is not.
    places[next(iter(last.values()))] = f"{runs}/{holder}/inner"
    with google(Authority(tmp_path)):
        moved = [each for each in store.client.get_artifacts() if each.id in places]
        for artifact in moved:
            artifact.uri = places[artifact.id]
            if artifact.id != gone:
                storage.write(f"{artifact.uri}/file", io.BytesIO(b"x" * artifact.id))
        store.client.put_artifacts(moved)
        assert not ask()["offered"] & set(refused.values())
        note_address(store.root, runs)
        answer = ask()
    offered = {each["artifact"]: each["bytes"] for each in answer["deletable"]}
    assert offered == {id: id for id in refused.values() if id not in (gone, holder)}
    assert answer["in_buckets"] == 0
