"""The rows and files of the data that could not be read."""

from __future__ import annotations

import dataclasses

from documents.quarantine import QuarantinedRow
from documents.reader import parse_or_none
from documents.terminal.counted import counted
from inspection.evidence.damage import pass_over
from inspection.files.workspace import Workspace
from inspection.history.records import Artifact

MOST = 20
"""Rows that are shown."""
_LONGEST_LINE = 100_000


@dataclasses.dataclass(frozen=True)
class Quarantine:
    """What an ExampleGen left out."""

    rows: int
    """Of the data, those left out included."""
    count: int
    first: tuple[QuarantinedRow, ...]
    """At most MOST of them; none when the file is gone."""

    @property
    def said(self) -> str:
        """One sentence."""
        share = f" ({self.count / self.rows:.2%})" if self.rows and self.count else ""
        left = f"{self.count:,} of them{share} could not be read and were left out"
        read = counted(self.rows, "row was", "rows were")
        return f"{read} read; {left if self.count else 'none was left out'}."


def read_quarantine(workspace: Workspace, examples: Artifact) -> Quarantine | None:
    """What is known of an Examples artifact; None where its ExampleGen counts no rows."""
    rows, count = (examples.properties.get(name) for name in ("rows", "quarantined"))
    if examples.type != "Examples" or not (isinstance(rows, int) and isinstance(count, int)):
        return None
    first: list[QuarantinedRow] = []
    for file in workspace.files(examples.uri, QuarantinedRow.FILE) if count else ():
        try:
            with file.open() as opened:
                lines = [opened.readline(_LONGEST_LINE) for _ in range(min(count, MOST))]
        except OSError as error:
            pass_over(file, error)
            continue
        found = (parse_or_none(QuarantinedRow, line, file.place) for line in lines if line)
        first = [row for row in found if row]
    return Quarantine(rows, count, tuple(first))
