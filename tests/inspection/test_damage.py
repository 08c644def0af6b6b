"""Files that are not what their node wrote are taken for missing, and every answer says so."""

from __future__ import annotations

import html
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from documents import reader
from documents.evaluator_verdict import EvaluatorVerdict
from documents.ledger_entry import LedgerEntry
from documents.provenance import Provenance
from documents.serving_verdict import ServingVerdict
from documents.training_record import TrainingRecord
from inspection.__main__ import main
from inspection.files.workspace import Workspace
from inspection.store import open_history
from inspection.web.app import App
from inspection.web.source import Source
from tests.documents.mangled import CONTENTS, KINDS, mangle
from tests.examples import examples
from tests.inspection.recorded_runs import FIRST, RECORDED, SERVING, SLICE

BASE_PATH = "serving/fashion_mnist"
FILES: dict[str, tuple[str, str, int]] = {
    f"{BASE_PATH}/{FIRST}/{Provenance.FILE}": ("serving", "/serving", 0),
    f"{BASE_PATH}/{LedgerEntry.FILE}": ("serving", "/serving", 0),
    f"artifacts/Evaluator/blessing/29/{EvaluatorVerdict.FILE}": (f"why {SLICE}", "/metrics", 3),
    f"artifacts/ServingCheck/blessing/38/{ServingVerdict.FILE}": (
        *(f"why {SERVING}", "/metrics"),
        3,
    ),
    f"artifacts/Trainer/model/6/{TrainingRecord.FILE}": ("origin a7", "/artifacts/a7", 0),
}
"""What may be damaged, with a question and a page that read it, and the exit code without it."""

files = pytest.mark.parametrize("file", FILES)
ONE = next(iter(FILES))
"""Of those that `documents.reader` reads, whose tests read anything in the place of each kind."""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(RECORDED, tmp_path_factory.mktemp("damage") / "workspace")


@pytest.fixture
def workspace(copied):
    """A copy of the recorded workspace, whole again after each test."""
    before = {name: (copied / name).read_bytes() for name in FILES}
    yield copied
    for name, content in before.items():
        path = copied / name
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()
        path.write_bytes(content)


@pytest.fixture(autouse=True)
def first_warning(monkeypatch):
    """What was warned of in other tests is warned of again."""
    monkeypatch.setattr(reader, "_warned", {})


def page(root: Path, path: str) -> str:
    found = Workspace(root)
    source = Source(lambda: open_history(str(root)), found)
    response = Client(App(source, ["localhost"])).get(path)
    assert response.status_code == 200
    return html.unescape(response.text)


@pytest.mark.medium
@pytest.mark.parametrize(
    ("file", "wrong"),
    [
        *((file, "a text") for file in FILES),
        *((ONE, wrong) for wrong in ("nested deeply", "an endless format", "binary")),
    ],
)
def test_one_warning_names_the_file_and_the_mend(file, wrong, workspace, capsys, caplog):
    (workspace / file).write_bytes(CONTENTS[wrong].replace(b"\n", b""))
    question, address, code = FILES[file]
    assert main([*question.split(), "--store", str(workspace)]) == code
    assert "Traceback" not in capsys.readouterr().err
    [warning] = [record.getMessage() for record in caplog.records]
    assert warning.startswith(f"Passing over {workspace / file}")
    assert main([*question.split(), "--json", "--store", str(workspace)]) == code
    assert warning in json.loads(capsys.readouterr().out)["damaged"]
    assert warning in page(workspace, address)
    assert warning in page(workspace, address)  # also when it is loaded again


@pytest.mark.medium
@files
def test_nothing_is_said_of_what_is_sound(file, workspace, capsys, caplog):
    question, address, _ = FILES[file]
    main([*question.split(), "--json", "--store", str(workspace)])
    assert "damaged" not in json.loads(capsys.readouterr().out)
    assert "Passing over" not in page(workspace, address)
    assert caplog.records == []


@pytest.mark.medium
@pytest.mark.parametrize(
    ("file", "thing"),
    [
        # What would hang whoever opens it, for all that open it; anything else for one.
        *((file, "a FIFO") for file in FILES),
        *((ONE, thing) for thing in KINDS if thing != "a FIFO"),
    ],
)
def test_whatever_lies_in_a_documents_place_every_question_has_an_answer(
    file, thing, workspace, capsys
):
    (workspace / file).unlink()
    KINDS[thing](workspace / file)
    question, address, code = FILES[file]
    assert main([*question.split(), "--store", str(workspace)]) == code
    assert capsys.readouterr().out
    assert page(workspace, address)


@pytest.mark.medium
@files
@settings(max_examples=examples(0.3), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_mangled_documents_are_read_or_passed_over(file, data, copied, capsys):
    path = copied / file
    before = path.read_bytes()
    document = before.splitlines()[0] if path.suffix == ".jsonl" else before
    try:
        path.write_bytes(data.draw(mangle(document)))
        question, _, code = FILES[file]
        assert main([*question.split(), "--json", "--store", str(copied)]) in (0, code)
        assert json.loads(capsys.readouterr().out)["answer"]
    finally:
        path.write_bytes(before)


def test_without_the_store_a_damaged_provenance_is_no_answer_but_no_fault(tmp_path, capsys, caplog):
    shutil.copytree(RECORDED / "serving", tmp_path / "serving")
    path = tmp_path / BASE_PATH / str(FIRST) / Provenance.FILE
    path.write_bytes(b'"x"')
    for question, code in ((f"why {FIRST}", 0), (f"rebuild {FIRST}", 1)):
        assert main([*question.split(), "--json", "--store", str(tmp_path)]) == code
        found = json.loads(capsys.readouterr().out)
        assert str(FIRST) in found["answer"]
        assert "is not a JSON object but a text" in found["damaged"][0]
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "file",
    [
        "artifacts/StatisticsGen/statistics/3/Split-train/FeatureStats.pb",
        "artifacts/ExampleValidator/anomalies/4/Split-eval/SchemaDiff.pb",
    ],
)
def test_damaged_evidence_is_named_on_the_page(file, copied):
    path = copied / file
    before = path.read_bytes()
    artifact = next(
        each
        for each in open_history(str(copied)).artifacts.values()
        if Path(file).parts[1:3] == tuple(Path(each.uri).parts[-3:-1])
    )
    more = "/statistics" if "Statistics" in file else ""
    try:
        for damage in (lambda: path.write_bytes(b"\xff\xff\xff"), lambda: os.mkfifo(path)):
            path.unlink()
            damage()
            found = page(copied, f"/artifacts/a{artifact.id}{more}")
            assert f"Passing over {path}: it cannot be read" in found
    finally:
        path.unlink()
        path.write_bytes(before)


def test_the_report_of_a_run_names_what_is_damaged(workspace, tmp_path, capsys):
    file = next(name for name in FILES if "Evaluator" in name)
    (workspace / file).write_bytes(b"[]")
    path = tmp_path / "report.html"
    assert main(["report", SLICE, "--html", str(path), "--store", str(workspace)]) == 0
    assert f"Passing over {workspace / file}: it is not a JSON object but a list" in html.unescape(
        path.read_text()
    )


@pytest.mark.medium
def test_a_warning_stands_on_standard_error_and_the_answer_on_standard_output(workspace):
    file = next(iter(FILES))
    (workspace / file).write_bytes(b"{")
    ran = subprocess.run(
        [sys.executable, "-m", "inspection", "serving", "--json", "--store", str(workspace)],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.startswith(f"Passing over {workspace / file}: it is not valid JSON")
    assert json.loads(ran.stdout)["damaged"] == [ran.stderr.strip()]
