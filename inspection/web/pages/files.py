"""`/artifacts/a12/files`: what lies in an artifact, and one file of it."""

from __future__ import annotations

from inspection.evidence.files import find_file, list_files, read_text
from inspection.files.stored_file import StoredFile
from inspection.history.records import Artifact
from inspection.web.pages.page import MissingError, Page
from inspection.web.source import Snapshot


def page(snapshot: Snapshot, artifact: Artifact) -> Page:
    return Page(
        "files.html.j2",
        f"Files of a{artifact.id}",
        {
            "artifact": artifact,
            "found": list_files(snapshot.workspace, artifact.uri),
            "path": None,
            "text": None,
        },
    )


def file_page(snapshot: Snapshot, artifact: Artifact, path: str) -> Page:
    try:
        text = read_text(file_of(snapshot, artifact, path))
    except OSError as error:
        raise MissingError(f"{path} cannot be read: {error.strerror or error}.") from error
    return Page(
        "files.html.j2",
        f"{path} of a{artifact.id}",
        {"artifact": artifact, "found": None, "path": path, "text": text},
    )


def file_of(snapshot: Snapshot, artifact: Artifact, path: str) -> StoredFile:
    """The file itself.

    Raises:
      MissingError: the artifact has none of that name here.
    """
    found = find_file(snapshot.workspace, artifact.uri, path)
    if found is None:
        raise MissingError(f"a{artifact.id} has no file {path} here.")
    return found
