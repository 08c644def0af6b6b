"""Whether the live version can be compared with: found before the training, not after it."""

from __future__ import annotations

import contextlib
import logging
import shlex
import tempfile
from collections.abc import Iterator

from serving.base_path import storage
from serving.base_path.versions import (
    Version,
    list_versions,
    numbered,
    provenance_of,
    version_digest,
)

NOT_PUBLISHED = "is not what was published: its files changed, are missing, or were added"


class UnsoundError(RuntimeError):
    """The live version is damaged, or of another kind than the candidates; the message says how to
    take it away."""


def check_live_version(
    base_path: str, signature: str | None = None, output: str | None = None
) -> None:
    """Returns when nothing is live, or what is live can be loaded and asked.

    A version whose content is what its provenance says was loaded when it was published, and one
    whose content is not was damaged; one without provenance is loaded here, as a model server does.

    Args:
      base_path: may be missing.
      signature: that it has to have; None for any.
      output: of that signature.

    Raises:
      UnsoundError: it cannot be compared with.
      BasePathError: the base path cannot be read.
    """
    while versions := list_versions(base_path):
        live = versions[-1]
        names = numbered(base_path).get(live.number, [])
        if len(names) > 1:
            raise UnsoundError(
                f"Base path {base_path} holds its live version {live.number} more than once, as"
                f" {' and '.join(map(repr, names))}, and a model server takes any of them; move all"
                " but one out of the base path."
            )
        problem = problem_of(live, signature, output)
        if problem is None:
            return
        # One that was withdrawn while it was read is neither live nor damaged.
        if list_versions(base_path)[-1:] == [live]:
            raise UnsoundError(unsound(base_path, live.number, problem, len(versions)))


def problem_of(
    version: Version, signature: str | None = None, output: str | None = None
) -> str | None:
    """Why a version cannot be compared with, the rest of a sentence; None when it can.

    Args:
      version: with its provenance, where it has one.
      signature: that it has to have; None for any.
      output: of that signature.
    """
    try:
        digest = version_digest(version)  # TensorFlow would wait for a FIFO; this does not.
        provenance = provenance_of(version.path)
        if provenance and provenance.content_digest:
            # One flipped bit of a weight loads, and answers otherwise than what was judged.
            return None if provenance.content_digest == digest else NOT_PUBLISHED
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    # TensorFlow takes seconds to import, and most versions are known to be sound.
    from serving.server.loading.saved_model import SavedModel
    from serving.server.status import StatusError

    try:
        with _folder(version.path) as folder:
            model = SavedModel(folder)
    except StatusError as error:
        # In TensorFlow's words, which are for the log.
        logging.getLogger(__name__).warning("%s does not load: %s", version.path, error)
        return "is damaged or no SavedModel: no model server can load it"
    model.close()
    if signature is None:
        return None
    definition = model.signature_defs.get(signature)
    if definition is None or (output and output not in definition.outputs):
        wanted = f"signature `{signature}`" + (f" with the output `{output}`" if output else "")
        return f"is of another tool: it has no {wanted}"
    return None


@contextlib.contextmanager
def _folder(path: str) -> Iterator[str]:
    """A version on this machine: TensorFlow does not read every object store that we do."""
    if not storage.is_remote(path):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        storage.copy(path, storage.files(path), folder)
        yield folder


def unsound(base_path: str, number: int, problem: str, versions: int) -> str:
    """The sentence about a live version, with the command that takes it away.

    Args:
      base_path: of the version.
      number: of the version.
      problem: the rest of a sentence about it.
      versions: how many complete ones there are.
    """
    command = ["python", "-m", "serving", "withdraw", str(number), "--base-path", base_path]
    command += ["--reason", "damaged", *(["--leave-nothing"] if versions == 1 else [])]
    return (
        f"Live version {number} in base path {base_path} {problem}, so no model can be compared"
        f" with it; `{shlex.join(command)}` takes it away."
    )
