"""What people say about runs and models: kept beside the store, which is never written to.

`notes.jsonl` in the workspace, one JSON object a line, as a base path's ledger is kept.
"""

from __future__ import annotations

import datetime
import fcntl
import getpass
import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Literal

from documents.document import Document, Text
from documents.reader import parse_or_none, pass_over
from documents.regular_file import open_regular, regular_file
from documents.shown import shown_lines
from inspection.files.workspace import Workspace
from inspection.history.ids import Record, short
from inspection.history.records import Run
from inspection.no_answer import NoAnswerError

LONGEST_TEXT, LONGEST_TAG = 4_000, 64
LARGEST = 64 << 20
"""Bytes of all notes."""
_LONGEST_LINE = 1 << 16
Action = Literal["note", "tag", "untag"]
_TAG = re.compile(r"[\w][\w.:/+-]*")


class NoteError(NoAnswerError, ValueError):
    """A note cannot be taken or written; the message says why."""


class Note(Document):
    """What somebody said, or a tag that was put on or taken off."""

    FILE: ClassVar[str] = "notes.jsonl"
    MEND: ClassVar[str] = "delete that line if it is worth nothing"

    time: str
    """UTC, ISO 8601."""
    author: Text
    about: str
    """Short id of a run or an artifact."""
    name: Text
    """Name of the run, or uri of the artifact: ids alone say nothing once a store is made anew."""
    action: Action
    text: Text


class Notes:
    """All of them, by what they are about."""

    def __init__(self, found: Iterable[Note] = ()) -> None:
        """Takes them oldest first."""
        self._found: dict[tuple[str, str], list[Note]] = {}
        for each in found:
            self._found.setdefault((each.about, each.name), []).append(each)

    def of(self, record: Record) -> Sequence[Note]:
        """What was said about a run or an artifact, oldest first; tags are not among it."""
        return [each for each in self._all(record) if each.action == "note"]

    def tags(self, record: Record) -> Sequence[str]:
        """The tags that it has now, in the order in which they were put on."""
        found: dict[str, None] = {}
        for each in self._all(record):
            if each.action == "tag":
                found[each.text] = None
            elif each.action == "untag":
                found.pop(each.text, None)
        return list(found)

    def all_tags(self, records: Iterable[Record]) -> Sequence[str]:
        """Every tag of any of these, sorted."""
        return sorted({tag for each in records for tag in self.tags(each)}) if self._found else ()

    def _all(self, record: Record) -> Sequence[Note]:
        return self._found.get((short(record), _name(record)), ())


def read_notes(workspace: Workspace) -> Notes:
    """All that are kept; a damaged line is passed over with a warning."""
    path = _path(workspace)
    found: list[Note] = []
    try:
        with regular_file(path) as file:
            if os.fstat(file.fileno()).st_size > LARGEST:
                pass_over(str(path), f"is larger than {LARGEST >> 20} MiB", "move it away")
                return Notes()
            for number, line in enumerate(file, 1):
                if line.strip():
                    each = parse_or_none(Note, line, f"{path}:{number}")
                    found += [each] if each else []
    except FileNotFoundError:
        pass
    except OSError as error:
        pass_over(str(path), f"cannot be read ({error.strerror or error})", "move it away")
    return Notes(found)


def write_note(workspace: Workspace, record: Record, action: Action, text: str) -> Note:
    """Adds one, through to the disk; several may do so at once.

    Args:
      workspace: the folder to keep it in.
      record: a run or an artifact.
      action: `note`, `tag` or `untag`.
      text: what to say, or the tag.

    Raises:
      NoteError: the text is empty, too long or no tag, or the file cannot be written.
    """
    text = text.strip() if action != "note" else shown_lines(text.strip())
    if action == "note" and not 0 < len(text) <= LONGEST_TEXT:
        raise NoteError(
            f"A note has 1 to {LONGEST_TEXT:,} characters, and this one has {len(text):,}."
        )
    if action != "note" and (len(text) > LONGEST_TAG or not _TAG.fullmatch(text)):
        raise NoteError(
            f"{shown_lines(text)[:LONGEST_TAG]!r} is no tag; write up to {LONGEST_TAG} letters, "
            "digits and . : / + - _ without spaces, as in good-enough."
        )
    note = Note(
        time=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        author=_author(),
        about=short(record),
        name=_name(record),
        action=action,
        text=text,
    )
    line = json.dumps(note.as_dict()).encode() + b"\n"
    if len(line) > _LONGEST_LINE:
        raise NoteError(
            f"The note and the name of {short(record)} are too long together; shorten the note."
        )
    path = _path(workspace)
    try:
        _append(path, line)
    except OSError as error:
        raise NoteError(f"{path} cannot be written: {error.strerror or error}.") from error
    return note


def _append(path: Path, line: bytes) -> None:
    descriptor = open_regular(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    with os.fdopen(descriptor, "ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = file.seek(0, os.SEEK_END)
        if size + len(line) > LARGEST:
            raise OSError(0, f"it would be larger than {LARGEST >> 20} MiB")
        if size:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                line = b"\n" + line  # Who wrote here last was cut off.
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _path(workspace: Workspace) -> Path:
    return workspace.root / Note.FILE


def _name(record: Record) -> str:
    return record.name if isinstance(record, Run) else getattr(record, "uri", "")


def _author() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # nobody of that number is known here
        return f"uid {os.getuid()}"
