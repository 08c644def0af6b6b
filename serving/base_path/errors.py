"""What can be wrong with a TF Serving base path, in one sentence that says how to mend it."""

from __future__ import annotations

import errno
import os

from documents.regular_file import NotRegularError
from serving.objects.store import StoreError

ELSEWHERE = "set push.base_path to another folder"


class BasePathError(OSError):
    """A base path cannot be read."""


class PublishError(BasePathError):
    """A model was not published; nothing of it is left in the base path."""


def is_read_by_servers(base: str) -> bool:
    """Whether TensorFlow, and so every model server here, has a file system for a base path."""
    return not base.startswith("s3://")


def describe(base: str, error: OSError) -> str:
    """The sentence for an error met in base path `base`."""
    import filelock  # Brings asyncio, which nobody needs who only reads.

    if isinstance(error, filelock.Timeout):
        return (
            f"Base path {base} is locked by another process that publishes there; "
            "wait for it to end, or stop it."
        )
    if isinstance(error, NotRegularError):
        return f"Base path {base} cannot be used: {error.filename} {error.strerror}; move it away."
    if isinstance(error, StoreError):
        return f"Base path {base} cannot be used: {error.strerror}."
    where = f" ({error.filename})" if error.filename not in (None, base) else ""
    is_other = isinstance(error, (NotADirectoryError, FileExistsError))
    if (is_other or isinstance(error, FileNotFoundError)) and (link := _broken_link(base)):
        return (
            f"Base path {base} cannot be used: {link} is a link to {os.readlink(link)}, which is "
            f"not there; bring that back, remove the link or {ELSEWHERE}."
        )
    if is_other:
        return f"Base path {base} is not a folder but a file{where}; move it away or {ELSEWHERE}."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"Base path {base} has no space left on its disk; free some or {ELSEWHERE}."
    if error.errno == errno.EROFS:
        return f"Base path {base} is on a read-only file system; {ELSEWHERE}."
    if isinstance(error, PermissionError):
        return (
            f"Base path {base} may not be used by this user{where}; "
            f"change its permissions or {ELSEWHERE}."
        )
    return f"Base path {base} cannot be used: {error.strerror or error}{where}."


def _broken_link(path: str) -> str | None:
    """The link that leads nowhere, be it the path itself or a folder on its way."""
    while not os.path.exists(path):
        if os.path.islink(path):
            return path
        path, below = os.path.dirname(path), path
        if path == below:
            break
    return None
