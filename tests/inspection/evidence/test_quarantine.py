"""Rows that were left out, as the artifact tells of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from documents.quarantine import QuarantinedRow
from inspection.evidence.quarantine import MOST, read_quarantine
from inspection.files.workspace import Workspace
from inspection.history.records import Artifact


def examples(root: Path, **properties: Any) -> Artifact:
    uri = str(root / "examples" / "3")
    return Artifact(3, "Examples", None, uri, "live", properties, None, None)


def write(root: Path, count: int, rest: bytes = b"") -> None:
    folder = root / "examples" / "3"
    folder.mkdir(parents=True)
    rows = [QuarantinedRow(path="a.csv", line=n, reason="fare holds 'x'") for n in range(count)]
    lines = b"".join(row.encode().replace(b"\n", b"") + b"\n" for row in rows)
    (folder / QuarantinedRow.FILE).write_bytes(lines + rest)


def test_the_first_rows_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    write(tmp_path, 30)
    found = read_quarantine(Workspace(tmp_path), examples(tmp_path, rows=1000, quarantined=30))
    assert found
    assert found.said == (
        "1,000 rows were read; 30 of them (3.00%) could not be read and were left out."
    )
    assert len(found.first) == MOST
    assert (found.first[1].line, found.first[1].reason) == (1, "fare holds 'x'")


def test_a_damaged_line_hides_no_other(tmp_path: Path) -> None:
    write(tmp_path, 2, b"{no}\n")
    found = read_quarantine(Workspace(tmp_path), examples(tmp_path, rows=9, quarantined=3))
    assert found
    assert [row.line for row in found.first] == [0, 1]


def test_none_is_said_too_and_nothing_where_nobody_counted(tmp_path: Path) -> None:
    found = read_quarantine(Workspace(tmp_path), examples(tmp_path, rows=9, quarantined=0))
    assert found
    assert (found.said, found.first) == ("9 rows were read; none was left out.", ())
    assert read_quarantine(Workspace(tmp_path), examples(tmp_path)) is None
    gone = read_quarantine(Workspace(tmp_path), examples(tmp_path, rows=9, quarantined=3))
    assert gone
    assert gone.first == ()
