"""Whatever lies where a document should, it is read as the document or taken for missing."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.document import Document
from documents.evaluator_verdict import EvaluatorVerdict
from documents.provenance import Provenance
from documents.reader import LARGEST, noticed, read
from documents.serving_report import ServingReport
from documents.serving_verdict import ServingVerdict
from documents.training_record import TrainingRecord
from tests.documents.mangled import CONTENTS, KINDS, mangle
from tests.examples import examples
from tests.there import there

RECORDED = Path(__file__).parents[1] / "inspection/recorded/workspace"
ARTIFACTS = RECORDED / "artifacts"
WRITTEN: dict[type[Document], Path] = {
    Provenance: RECORDED / "serving/fashion_mnist/1795427425" / Provenance.FILE,
    EvaluatorVerdict: ARTIFACTS / "Evaluator/blessing/29" / EvaluatorVerdict.FILE,
    ServingVerdict: ARTIFACTS / "ServingCheck/blessing/28" / ServingVerdict.FILE,
    ServingReport: ARTIFACTS / "ServingCheck/report/28" / ServingReport.FILE,
    TrainingRecord: ARTIFACTS / "Trainer/model/6" / TrainingRecord.FILE,
}
"""A document of each kind, as a run wrote it before they had formats."""

kinds = pytest.mark.parametrize("kind", WRITTEN, ids=lambda kind: kind.__name__)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


@kinds
def test_what_a_run_wrote_is_read_and_written_the_same(kind: type[Document]) -> None:
    written = json.loads(WRITTEN[kind].read_bytes())
    document = read(kind, str(WRITTEN[kind]))
    assert document is not None
    again = json.loads(document.encode())
    assert _without_nulls(again) == _without_nulls({"format": 1, **written})


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def test_keys_of_a_newer_release_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "verdict.json"
    path.write_text(
        '{"blessed": true, "metrics": [{"metric": "m", "slice": "s", "value": 1, "new": 1}]}'
    )
    document = there(read(EvaluatorVerdict, str(path)))
    assert document.as_dict()["metrics"][0]["new"] == 1


def test_a_missing_file_is_missing_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    for path in ("none", "none/deeper", "file/below", "\0", "\ud800"):
        assert read(Provenance, f"{tmp_path}/{path}") is None
    assert warnings(caplog) == []


@pytest.mark.medium
@kinds
@pytest.mark.parametrize("wrong", CONTENTS)
def test_other_content_is_taken_for_missing_with_one_warning(
    kind: type[Document], wrong: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "document.json"
    path.write_bytes(CONTENTS[wrong])
    assert [read(kind, str(path)) for _ in range(3)] == [None] * 3
    [warning] = warnings(caplog)
    assert warning.startswith(f"Passing over {path}: it ")
    assert warning.endswith(f"; {kind.MEND}.")


@pytest.mark.parametrize("thing", KINDS)
def test_nothing_but_a_small_regular_file_is_read(
    thing: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "document.json"
    KINDS[thing](path)
    assert read(Provenance, str(path)) is None
    assert len(warnings(caplog)) == (thing != "a link to nothing")


def test_a_socket_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a path of a socket fits 108 bytes
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("document.json")
        assert read(Provenance, "document.json") is None


def test_a_file_that_may_not_be_read_is_taken_for_missing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def forbidden(path: str):
        raise PermissionError(13, "Permission denied", path)

    assert read(Provenance, "gs://b/provenance.json", forbidden) is None
    assert warnings(caplog) == [
        "Passing over gs://b/provenance.json: it cannot be read (Permission denied); "
        f"{Provenance.MEND}."
    ]


@pytest.mark.medium
def test_a_document_as_large_as_the_limit_is_read_and_no_larger_one(tmp_path: Path) -> None:
    path = tmp_path / "verdict.json"
    start, end = b'{"blessed": true, "reason": "', b'"}'
    path.write_bytes(start + b"x" * (LARGEST - len(start) - len(end)) + end)
    assert there(read(EvaluatorVerdict, str(path))).blessed
    path.write_bytes(start + b"x" * (LARGEST - len(start) - len(end) + 1) + end)
    assert read(EvaluatorVerdict, str(path)) is None


@pytest.mark.parametrize(
    ("kind", "content", "problem"),
    [
        (Provenance, {"baseline": "x"}, "has `baseline` = 'x', which should be an object"),
        (Provenance, {"baseline": {}}, "has no key `baseline.version`"),
        (
            Provenance,
            {"baseline": {"version": 2**63}},
            "has `baseline.version` = 9223372036854775808, which should be less than or equal to "
            "9223372036854775807",
        ),
        (Provenance, {"labels": ["a", 1]}, "has `labels.1` = 1, which should be a valid string"),
        (Provenance, {"version": 1.5}, "has `version` = 1.5, which should be a valid integer"),
        (Provenance, {"version": True}, "has `version` = True, which should be a valid integer"),
        (EvaluatorVerdict, {}, "has no key `blessed`"),
        (
            EvaluatorVerdict,
            {"blessed": "yes"},
            "has `blessed` = 'yes', which should be a valid boolean",
        ),
        (Provenance, [], "is not a JSON object but a list"),
        (Provenance, {"format": 2}, "has `format` 2, and this release knows 1 at most"),
    ],
)
def test_a_warning_names_the_key_and_the_value(
    kind: type[Document],
    content: object,
    problem: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = tmp_path / "document.json"
    path.write_text(json.dumps(content))
    assert read(kind, str(path)) is None
    assert warnings(caplog) == [f"Passing over {path}: it {problem}; {kind.MEND}."]


@pytest.mark.medium
@kinds
@settings(max_examples=examples(0.6), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_mangled_documents_are_read_or_taken_for_missing(
    kind: type[Document], data: st.DataObject
) -> None:
    content = data.draw(mangle(WRITTEN[kind].read_bytes()))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "document.json")
        Path(path).write_bytes(content)
        document = read(kind, path)
        if document is not None:
            # What is taken for the document can be written, and is the same when it is read.
            Path(path).write_bytes(document.encode())
            assert repr(read(kind, path)) == repr(document)


def test_whoever_listens_hears_each_sentence_once_also_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "verdict.json"
    path.write_bytes(b"[]")
    for _ in range(2):
        with noticed() as outer:
            read(EvaluatorVerdict, str(path))
            with noticed() as inner:
                read(EvaluatorVerdict, str(path))
            assert list(outer) == list(inner) != []
    assert warnings(caplog) == list(outer)
    read(EvaluatorVerdict, str(tmp_path / "none"))
    with noticed() as found:
        read(EvaluatorVerdict, str(tmp_path / "none"))
    assert not found
