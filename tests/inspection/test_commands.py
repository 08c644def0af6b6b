"""Every question, asked of six real runs and a rollback (tests/inspection/record.py)."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from inspection.__main__ import main
from tests.inspection.hostile import make_hostile
from tests.inspection.recorded_runs import (
    AGAIN,
    FAILED,
    FIRST,
    NOTHING_NEW,
    PUSHED,
    RECORDED,
    SECOND,
    SERVING,
    SLICE,
)


@pytest.fixture
def ask(capsys):
    """Runs a command on the recorded store; gives exit code, first line, and the rest."""

    def run(*arguments: str, code: int = 0, store: Path = RECORDED) -> tuple[str, str]:
        found = main([*arguments, "--store", str(store)])
        captured = capsys.readouterr()
        assert found == code, captured.err
        first, _, rest = (captured.out or captured.err).partition("\n")
        return first, rest

    return run


def test_1_what_is_served_now(ask):
    first, rest = ask("serving")
    assert first.startswith(f"Version {FIRST} is live, since ")
    assert "test accuracy" in first
    assert "complaints about shirts" in rest


def test_2_and_12_which_data_and_hub_module_made_it(ask, capsys):
    assert main(["rebuild", str(FIRST), "--json", "--store", str(RECORDED)]) == 1
    origin = json.loads(capsys.readouterr().out)["origin"]
    assert origin["data"][0]["fingerprint"]
    assert origin["hub"]["handle"] == "models/modules/fashion_mnist_encoder"


@pytest.mark.parametrize(
    ("run", "said"), [(SLICE, "Evaluator: "), (SERVING, "ServingCheck: latency p50: expected")]
)
def test_3_why_a_model_was_not_pushed(ask, run, said):
    first, rest = ask("why", run, code=3)
    assert "was refused: " in first
    assert said in first
    assert "refused" in rest


def test_3_a_pushed_model_says_so(ask):
    live = f"odel a7 is live as version {FIRST}, since 2026-11-23 11:20:23 UTC."
    assert ask("why", PUSHED)[0] == f"M{live}"
    assert ask("why", NOTHING_NEW)[0] == f"Nothing new was pushed: m{live}"
    assert ask("why", str(FIRST))[0] == ask("why", "a7")[0] == f"M{live}"


def test_a_model_has_one_fate_wherever_it_is_shown(ask):
    """The second one was refused twice, pushed by the third run, and rolled back."""
    told, _ = ask("why", "a15", code=3)
    assert told.startswith(f"Model a15 was pushed as version {SECOND}, was live from 2026-11-23")
    assert told.endswith("and rolled back at 2026-11-23 11:20:23 UTC: complaints about shirts.")
    assert ask("why", AGAIN, code=3)[0] == ask("why", str(SECOND), code=3)[0] == told
    assert ask("show", "a15")[0].startswith("Model a15, rolled back: ")
    assert ask("show", "a27")[0].startswith(f"PushedModel a27, version {SECOND}, rolled back: ")
    assert f"pushed as version {SECOND}, rolled back" in ask("lineage", "a1", "--down")[1]
    rows = {row.split()[0]: row for row in ask("runs")[1].splitlines()}
    assert "rolled back" in rows[AGAIN]
    assert " refused  " in rows[SLICE]


def test_4_what_changed_between_two_runs(ask):
    first, rest = ask("diff", PUSHED, SLICE)
    assert "seed changed from 0 to 1" in first
    assert "pushed version" in first
    assert "SparseCategoricalAccuracy" in rest


def test_5_why_a_step_was_or_was_not_cached(ask, capsys):
    main(["show", NOTHING_NEW, "--store", str(RECORDED)])
    trainer = next(row for row in capsys.readouterr().out.splitlines() if " Trainer " in row)
    assert "was cached" in ask("why", trainer.split()[0])[0]
    main(["show", SLICE, "--store", str(RECORDED)])
    trainer = next(row for row in capsys.readouterr().out.splitlines() if " Trainer " in row)
    first, rest = ask("why", trainer.split()[0])
    assert "setting custom_config.training.seed differs" in first
    first, rest = ask("why", "s27")
    assert first.startswith("Baseline (s27) was not cached: input model differs from s7")
    assert "because: Trainer (s26) was not cached: setting custom_config.training.seed" in rest
    first, rest = ask("why", "s26")
    assert rest.split("\n")[1].split()[-2:] == ["0", "1"]


def test_6_did_the_last_run_finish(ask):
    first, rest = ask("runs")
    assert first.startswith("6 runs; the last one, ")
    assert "did not finish: Transform" in first
    assert [row.split()[0] for row in rest.splitlines()[1:]] == [
        *(FAILED, AGAIN, SERVING, SLICE, NOTHING_NEW, PUSHED)
    ]


def test_6_runs_are_chosen_and_put_in_order(ask):
    def rows(*arguments: str) -> list[str]:
        return [row.split()[0] for row in ask("runs", *arguments)[1].splitlines()[1:]]

    assert ask("runs", "--fate", "refused")[0] == "2 of 6 runs are what was asked for."
    assert rows("--fate", "refused") == [SERVING, SLICE]
    assert rows("--fate", "rolled back") == [AGAIN]
    assert rows("--fate", "already_live") == [NOTHING_NEW]
    assert rows("--order", "oldest", "--last", "2") == [PUSHED, NOTHING_NEW]
    assert rows("--order", "longest", "--last", "1") == [PUSHED]
    assert rows("--since", "2026-11-23 09:51") == [FAILED, AGAIN]
    assert rows("--pipeline", "another") == []
    assert ask("runs", "--pipeline", "another")[0].startswith("None of 6 runs is of that pipeline;")
    # Whatever is listed, and in which order, the last run is the last one.
    for options in (("--order", "oldest"), ("--page", "2", "--last", "2"), ("--page", "9")):
        assert "the last one, 20261123T095103.253444, did not" in ask("runs", *options)[0]
    assert ask("runs", "--page", "9")[0].startswith("6 runs, none on this page; ")
    assert "is no condition" in ask("runs", "--where", "seed", code=2)[0]
    assert "names one thing" in ask("compare", "r2", code=2)[0]
    assert "did you mean failed?" in ask("runs", "--state", "faild", code=2)[0]
    assert "is no time" in ask("runs", "--since", "whenever", code=2)[0]


def test_7_where_and_why_it_failed(ask):
    first, rest = ask("why", "latest", code=1)
    assert first.startswith("Transform (")
    assert "at models/preprocessing.py:" in rest
    assert 'raw = inputs["image"] / 0' in rest
    assert "go on with: the command line that started it, which the store does not have" in rest


def test_8_which_pushes_and_rollbacks_happened(ask):
    actions = [row.split()[3] for row in ask("serving")[1].splitlines()[1:]]
    assert actions == ["publish", "publish", "rollback"]


def test_9_what_was_live_at_a_time(ask):
    assert ask("serving", "--at", "2026-11-23 09:50:30")[0].startswith(f"Version {FIRST} was live")
    assert ask("serving", "--at", "2026-11-23 10:00")[0].startswith(f"Version {SECOND} was live")
    assert ask("serving", "--at", "2020-01-01")[0].startswith("Nothing was live")
    future = ask("serving", "--at", "2999-01-01", code=1)[0]
    assert future == "--at 2999-01-01 lies in the future; nobody knows what will be live."
    nobody, _ = ask("serving", "--url", "http://127.0.0.1:1", code=1)
    assert nobody == "No model server answers at http://127.0.0.1:1; start one, or leave out --url."
    assert "is no time" in ask("serving", "--at", "yesterdayish", code=2)[0]


def test_10_which_models_used_this_data(ask):
    first, rest = ask("lineage", "a1", "--down")
    assert first.startswith("2 models came of a1: a7 (live), a15 (rolled back). ")
    assert "downstream of a1" in first
    assert f"pushed as version {SECOND}" in rest
    assert "Trainer" in rest


def test_11_is_quality_drifting(ask):
    first, rest = ask("drift", "sparse_categorical_accuracy")
    assert first.startswith("SparseCategoricalAccuracy on overall is ")
    assert "label=6" in rest
    assert "did you mean" in ask("drift", "SparseAccuracy", code=1)[0]


def test_2_and_12_have_a_first_line_of_their_own(ask):
    first, rest = ask("origin", str(FIRST))
    assert first.startswith("a7 was made from a1, ")
    assert "a7 holds Hub module models/modules/fashion_mnist_encoder, sha256 " in first
    assert "code hash" in rest


def test_13_is_one_model_as_good_as_another(ask):
    first, rest = ask("compare", "a7", "a15", code=1)
    assert first.startswith("a15 is worse than a7: at the worst, ")
    assert "SparseCategoricalAccuracy on overall" in rest
    assert ask("compare", "a7", "a15", "--tolerance", "0.9")[0].startswith("a15 is as good as a7")


def test_runs_are_counted_back_from_the_last(ask):
    assert ask("show", "latest~1")[0] == ask("show", AGAIN)[0]
    assert ask("show", "latest~0")[0] == ask("show", FAILED)[0]
    assert "There is no 'latest~6'" in ask("show", "latest~6", code=1)[0]


def test_14_can_it_be_made_again(ask):
    # Six runs from before all settings were recorded, made by sources that are no longer here.
    first, rest = ask("rebuild", str(FIRST), code=1)
    assert "cannot be made again for sure: its run did not record all settings" in first
    assert "none of thresholds or the serving check" in first
    assert "differs: the code that trains is not what made it (hash " in rest
    assert "python local_runner.py --root rebuilt" in rest
    assert "tensorflow==" in rest
    assert (
        "did not record its settings"
        in ask("rebuild", str(FIRST), "--settings", "/tmp/never.yaml", code=1)[0]
    )


def test_15_what_can_be_deleted(ask):
    first, rest = ask("gc", "--dry-run")
    assert "can be deleted" in first
    assert "the live version's lineage" in rest
    assert "--dry-run" in ask("gc", code=2)[0]


def test_15_what_a_withdrawn_version_was_made_of_stays(ask, tmp_path):
    """So it does where no base path says which versions are still there."""
    assert "a15" not in ask("gc", "--dry-run")[1]
    shutil.copytree(RECORDED, tmp_path / "root", ignore=shutil.ignore_patterns("serving"))
    rest = ask("gc", "--dry-run", store=tmp_path / "root")[1]
    assert not {" a7 ", " a15 "} & {f" {word} " for word in rest.split()}
    # Once it is pruned, its own model can go; the last runs' are kept for the cache.
    workspace = tmp_path / "pruned"
    shutil.copytree(RECORDED, workspace)
    shutil.rmtree(workspace / "serving" / "fashion_mnist" / f".withdrawn-{SECOND}")
    assert "or restored" not in ask("gc", "--dry-run", store=workspace)[1]


@pytest.mark.parametrize("kind", ["--mermaid", "--dot"])
def test_lineage_as_a_diagram_is_nothing_but_the_diagram(ask, kind):
    first, rest = ask("lineage", "Pusher", "--up", kind)
    assert first in ("flowchart TD", "digraph lineage {")
    assert "Trainer" in rest


@pytest.mark.medium
@pytest.mark.parametrize(
    "command",
    ["runs", "show r2", "show s6", "show a1", "why r2", "lineage a1", "diff r2 r34", "serving",
     "drift test_accuracy", "rebuild a7", "gc --dry-run", "export"],
)  # fmt: skip
def test_every_command_speaks_json_with_the_answer_in_it(command, capsys):
    main([*command.split(), "--json", "--store", str(RECORDED)])
    document = json.loads(capsys.readouterr().out)
    assert document.pop("answer")
    assert document


@pytest.mark.medium
def test_a_store_is_never_written(tmp_path, capsys):
    workspace = tmp_path / "workspace"
    shutil.copytree(RECORDED, workspace)
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in files(workspace)}
    for command in ("runs", "export --json", "serving", "gc --dry-run", "why r2"):
        main([*command.split(), "--store", str(workspace / "metadata.db")])
    assert before == {path: hashlib.sha256(path.read_bytes()).digest() for path in files(workspace)}


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_without_a_store_the_base_path_answers(ask, tmp_path):
    shutil.copytree(RECORDED / "serving", tmp_path / "serving")
    assert ask("serving", store=tmp_path)[0].startswith(f"Version {FIRST} is live")
    assert ask("why", str(FIRST), store=tmp_path)[0].startswith(f"Version {FIRST} was pushed")
    withdrawn, _ = ask("why", str(SECOND), store=tmp_path)
    assert withdrawn == f"Version {SECOND} was withdrawn: complaints about shirts."
    first, _ = ask("rebuild", str(FIRST), store=tmp_path, code=1)
    assert "did not record all settings" in first
    assert "metadata" in ask("runs", store=tmp_path, code=1)[0]


@pytest.mark.parametrize("command", ["runs", "serving", "why latest"])
def test_nothing_there_says_what_to_do(command, tmp_path, capsys):
    assert main([*command.split(), "--store", str(tmp_path / "metadata.db")]) == 1
    assert "make run" in capsys.readouterr().err


def test_an_id_that_is_not_there_is_named(ask):
    assert "There is no step s999; the last one is s" in ask("show", "s999", code=1)[0]
    assert "did you mean Trainer" in ask("why", "Trainr", code=1)[0]


@pytest.mark.medium
def test_starts_without_tensorflow_or_a_metadata_library():
    code = (
        "import sys; from inspection.__main__ import main;"
        f"main(['runs', '--store', {str(RECORDED)!r}]);"
        "assert not {'tensorflow', 'tfx', 'ml_metadata'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Commands only read it."""
    return make_hostile(RECORDED, tmp_path_factory.mktemp("hostile") / "workspace")


@pytest.mark.medium
@pytest.mark.parametrize(
    "arguments",
    [
        ("runs",),
        ("show", "r2"),
        ("show", "a1"),
        ("show", "s6"),
        ("why", "r2"),
        ("why", "s6"),
        ("lineage", "a1"),
        ("lineage", "a1", "--mermaid"),
        ("lineage", "a1", "--dot"),
        ("diff", "r2", "r24"),
        ("rebuild", "a7"),
        ("gc", "--dry-run"),
        ("export",),
    ],
)
def test_what_a_hostile_store_says_cannot_steer_the_terminal(arguments, hostile, capsys):
    for more in ((), ("--json",)):
        assert main([*arguments, "--store", str(hostile), *more]) in (0, 1, 3)
        printed = "".join(capsys.readouterr())
        assert printed
        assert all(character.isprintable() or character == "\n" for character in printed)
        assert "root:" not in printed  # of /etc/passwd, to which its uris lead
