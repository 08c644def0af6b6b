"""Dry runs of tiny pipelines: order, isolation, caching, and every way in which a step can end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipeline.kubeflow.dry_run import dry_run
from pipeline.settings import REPOSITORY


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., int]:
    def execute(file: Path, **options: Any) -> int:
        given = {"emulate": "oss", "pipeline_root": "gs://bucket/root", **options}
        return dry_run(file, work=tmp_path / "work", **given)

    return execute


def content(tmp_path: Path, uri: str) -> str:
    return (tmp_path / "work" / "objects" / uri.replace("://", "/") / "text").read_text()


@pytest.mark.medium
@pytest.mark.parametrize("emulate", ["oss", "vertex"])
def test_every_step_finds_what_those_before_left(
    tmp_path: Path, write_pipeline, run, kept, emulate: str
):
    # A step on Vertex reads the object store itself, here a folder.
    assert run(write_pipeline(["First", "Second", "Third"]), emulate=emulate) == 0
    assert content(tmp_path, kept("Third")["uri"]) == "First Second Third"
    assert kept("Third")["uri"].startswith("gs://bucket/root/tiny/")


def test_the_projects_folder_in_the_image_is_this_repository(
    tmp_path: Path, write_pipeline, run, kept
):
    file = write_pipeline(
        ["First"],
        args=["{{$}}", "/opt/project/setup.py /opt/project2"],
        env=[{"name": "PYTHONPATH", "value": "/opt/project"}],
    )
    assert run(file) == 0
    assert content(tmp_path, kept("First")["uri"]) == f"{REPOSITORY}/setup.py /opt/project2"


def test_open_source_kubeflow_passes_untyped_artifacts_and_wrapped_metadata(
    tmp_path: Path, write_pipeline, run, kept
):
    show = "pathlib.Path(folder, 'document').write_text(sys.argv[1])"
    assert run(write_pipeline(["First", "Second"], {"Second": show})) == 0
    folder = tmp_path / "work" / "objects" / kept("Second")["uri"].replace("://", "/")
    document = json.loads((folder / "document").read_text())
    [artifact] = document["inputs"]["artifacts"]["before"]["artifacts"]
    assert artifact["type"] == {"instanceSchema": ""}
    assert artifact["metadata"]["dict"] == {"struct": {"a": 1}}
    assert artifact["metadata"]["list"] == {"list": [1]}
    assert "executor-logs" in document["outputs"]["artifacts"]
    # An object store knows no empty folders.
    assert not (folder / "empty").exists()


def test_a_step_gets_the_files_environment_and_nothing_else(
    tmp_path: Path, write_pipeline, run, kept, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MY_SECRET", "1")
    show = "pathlib.Path(folder, 'env').write_text(json.dumps(dict(os.environ)))"
    file = write_pipeline(["First"], {"First": show}, env=[{"name": "MODE", "value": "x"}])
    assert run(file) == 0
    folder = tmp_path / "work" / "objects" / kept("First")["uri"].replace("://", "/")
    environment = json.loads((folder / "env").read_text())
    assert environment["MODE"] == "x"
    assert "MY_SECRET" not in environment
    assert environment["HOME"] != os.environ["HOME"]


@pytest.mark.medium
@pytest.mark.parametrize(
    ("body", "timeout", "said"),
    [
        ("raise SystemExit('no such luck')", 60, "failed: exit code 1"),
        ("import time; print('waiting', flush=True); time.sleep(60)", 0.5, "timed out after 0.5 s"),
        ("print('going', flush=True); os.kill(os.getpid(), 9)", 60, "killed by SIGKILL"),
    ],
)
def test_a_step_that_fails_is_named_with_its_last_lines_and_can_be_run_again(
    write_pipeline, run, kept, capsys, body: str, timeout: float, said: str
):
    names = ["First", "Second", "Third"]
    assert run(write_pipeline(names, {"Second": body}), timeout=timeout) == 1
    shown = capsys.readouterr().out
    assert "✘ Second" in shown
    assert said in shown
    assert any(word in shown for word in ("no such luck", "│ waiting", "│ going"))
    assert "--only Second" in shown
    assert "Third" not in shown
    # Mended, the step alone is enough to go on.
    assert run(write_pipeline(names), only=["Second"]) == 0
    assert run(write_pipeline(names), only=["Third"]) == 0
    # Kubeflow counts the logs of each step too; those of the one that failed are kept as well.
    assert int(kept("Third")["name"]) >= 3


@pytest.mark.medium
def test_a_step_that_failed_lends_no_older_outputs(write_pipeline, run, capsys):
    names = ["First", "Second", "Third"]
    assert run(write_pipeline(names)) == 0
    assert run(write_pipeline(names, {"Second": "raise SystemExit(1)"})) == 1
    assert run(write_pipeline(names), only=["Third"]) == 2
    assert "Second left nothing" in capsys.readouterr().err


def test_what_a_step_leaves_running_ends_with_it(tmp_path: Path, write_pipeline, run):
    body = (
        "import subprocess; child = subprocess.Popen(['sleep', '300']); "
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(child.pid))"
    )
    assert run(write_pipeline(["First"], {"First": body})) == 0
    pid = int((tmp_path / "pid").read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.medium
def test_the_same_work_is_cached_where_the_file_says_so(write_pipeline, run, capsys, kept):
    assert run(write_pipeline(["First", "Second"], cache=True)) == 0
    capsys.readouterr()
    assert run(write_pipeline(["First", "Second"], cache=True)) == 0
    assert capsys.readouterr().out.count("●") == 2
    assert run(write_pipeline(["First", "Second"], cache=True), parameters={"word": "bye"}) == 0
    assert "●" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"only": ["Frist"]}, "--only Frist: there is no such task; choose one of First."),
        ({"only": ["Second"]}, "there is no such task"),
        ({"parameters": {"wrod": 1}}, "--param wrod: the pipeline's parameters are: needed, word."),
    ],
)
def test_a_wrong_argument_is_one_sentence(write_pipeline, run, capsys, options, said: str):
    assert run(write_pipeline(["First"]), **options) == 2
    assert said in capsys.readouterr().err


@pytest.mark.medium
@pytest.mark.parametrize(
    ("options", "root", "said"),
    [
        ({"pipeline_root": None}, "minio://mlpipeline/v2/artifacts", "does not read the file's"),
        ({"pipeline_root": "s3://own/root"}, "s3://own/root", "--pipeline-root"),
        (
            {"pipeline_root": None, "emulate": "vertex"},
            "gs://of/the/file",
            "the file's defaultPipelineRoot",
        ),
    ],
)
def test_the_root_that_holds_is_said(write_pipeline, run, kept, capsys, options, root, said: str):
    assert run(write_pipeline(["First"], root="gs://of/the/file"), **options) == 0
    shown = capsys.readouterr().out
    assert f"artifacts below {root}: " in shown
    assert said in shown
    assert kept("First")["uri"].startswith(f"{root}/tiny/")


def test_a_root_that_no_launcher_knows_is_refused(write_pipeline, run, capsys):
    assert run(write_pipeline(["First"]), pipeline_root="/data/root") == 2
    assert "The pipeline root /data/root is none of gs://" in capsys.readouterr().err


def test_the_result_as_json(write_pipeline, run, capsys):
    assert run(write_pipeline(["First"], {"First": "raise SystemExit(3)"}), json=True) == 1
    result = json.loads(capsys.readouterr().out)
    assert result["steps"][0]["state"] == "failed"
    assert result["failure"]["reason"] == "exit code 3"
    assert result["outcome"] is None


@pytest.mark.medium
@pytest.mark.parametrize(
    "number",
    [
        signal.SIGINT,
        pytest.param(signal.SIGTERM, marks=[pytest.mark.slow, pytest.mark.extended]),
    ],
)
def test_an_interrupted_run_leaves_no_children(tmp_path: Path, write_pipeline, number: int):
    pid = tmp_path / "pid"
    body = (
        "import time; import subprocess; child = subprocess.Popen(['sleep', '300']); "
        f"pathlib.Path({str(pid)!r}).write_text(f'{{os.getpid()}} {{child.pid}}'); time.sleep(300)"
    )
    file = write_pipeline(["First"], {"First": body})
    code = (
        "import sys; from pathlib import Path; from pipeline.kubeflow.dry_run import dry_run; "
        f"sys.exit(dry_run(Path({str(file)!r}), emulate='oss', work=Path({str(tmp_path)!r}, 'w')))"
    )
    running = subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY)
    deadline = time.monotonic() + 30
    while not (pid.exists() and len(pid.read_text().split()) == 2):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    running.send_signal(number)
    assert running.wait(timeout=30) == 130
    for child in map(int, pid.read_text().split()):
        assert (
            not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
        )


def test_a_refused_model_has_an_exit_code_of_its_own(write_pipeline, run, capsys):
    file = write_pipeline(["Pusher"])
    file.write_text(
        file.read_text()
        .replace("title: tfx.Model\\n", "title: tfx.PushedModel\\n")
        .replace("title: tfx.Model", "title: tfx.PushedModel")
    )
    assert run(file) == 3
    assert "NOT PUSHED" in capsys.readouterr().out


@pytest.mark.medium
def test_the_printed_command_works(tmp_path: Path, write_pipeline, run, capsys):
    assert run(write_pipeline(["First"], {"First": "raise SystemExit(1)"})) == 1
    [again] = [
        line.split("again", 1)[1].split()
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("  again")
    ]
    file = write_pipeline(["First"])
    assert str(file) in again[3] or Path(again[3]).name == file.name
    done = subprocess.run(
        [sys.executable, "kubeflow_runner.py", "dry-run", str(file), *again[4:]],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "✔ First" in done.stdout
