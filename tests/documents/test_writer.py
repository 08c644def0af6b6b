"""What is written is read again as it was, and nothing else is ever in its place."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents import writer
from documents.document import Document
from documents.evaluator_verdict import EvaluatorVerdict
from documents.ledger_entry import LedgerEntry
from documents.reader import parse, read
from documents.regular_file import NotRegularError
from documents.writer import write
from tests.documents.drawn import drawn
from tests.documents.kinds import KINDS
from tests.examples import examples
from tests.there import there

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
VERDICT = EvaluatorVerdict(blessed=False, reason="Low.", baseline=None)


@pytest.mark.medium
@kinds
@settings(max_examples=examples(0.6), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_written_is_read_again(
    kind: type[Document], data: st.DataObject, tmp_path: Path
) -> None:
    document = data.draw(drawn(kind))
    path = str(tmp_path / "document.json")
    write(document, path)
    found = there(read(kind, path))
    assert found == document
    assert found.model_fields_set == document.model_fields_set | {"format"}
    assert found.encode() == document.encode()
    assert json.loads(document.encode())["format"] == kind.FORMAT


@given(entry=drawn(LedgerEntry))
def test_a_line_of_the_ledger_is_read_again(entry: LedgerEntry) -> None:
    found = parse(LedgerEntry, json.dumps(entry.as_dict()).encode())
    listed = {"rollback": {"withdrawn"}, "prune": {"pruned"}}.get(entry.action, set())
    others = {"withdrawn", "pruned"} - listed
    assert found.model_dump(exclude=others) == entry.model_dump(exclude=others)


def test_what_nobody_said_is_not_written() -> None:
    assert VERDICT.encode() == (
        b'{\n "format": 1,\n "blessed": false,\n "reason": "Low.",\n "baseline": null\n}\n'
    )


def test_other_values_are_held_against_their_types() -> None:
    assert VERDICT.replaced(reason="Lower.") == EvaluatorVerdict(
        blessed=False, reason="Lower.", baseline=None
    )
    with pytest.raises(ValueError, match="blessed"):
        VERDICT.replaced(blessed="no")


def test_others_may_read_it_as_far_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(VERDICT, str(tmp_path / "a"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


@pytest.mark.medium
def test_what_was_there_stays_until_all_is_written(tmp_path: Path) -> None:
    """Whoever reads meanwhile reads the one or the other."""
    path, other = str(tmp_path / "a"), VERDICT.replaced(reason="x" * 100_000)
    write(VERDICT, path)
    ended, seen = threading.Event(), []

    def look() -> None:
        while not ended.is_set():
            seen.append(read(EvaluatorVerdict, path))

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(50):
        write(other, path)
        write(VERDICT, path)
    ended.set()
    reader.join()
    assert seen
    assert all(each in (VERDICT, other) for each in seen)
    assert os.listdir(tmp_path) == ["a"]


def test_a_write_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    write(VERDICT, str(path))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write(VERDICT.replaced(reason="x"), str(path))
    assert read(EvaluatorVerdict, str(path)) == VERDICT
    assert os.listdir(tmp_path) == ["a"]


def test_a_fifo_in_its_place_is_replaced_and_a_folder_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    write(VERDICT, str(tmp_path / "a"))
    assert read(EvaluatorVerdict, str(tmp_path / "a")) == VERDICT
    (tmp_path / "b").mkdir()
    with pytest.raises(OSError, match="b"):
        write(VERDICT, str(tmp_path / "b"))
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_a_device_is_never_replaced(tmp_path):
    (tmp_path / "link").symlink_to("/dev/null")
    with pytest.raises(NotRegularError, match="is a device, not a file"):
        writer.replace(str(tmp_path / "link"), b"x")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["link"]
