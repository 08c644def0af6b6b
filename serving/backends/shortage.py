"""What a machine runs out of, as the errors of the process that asks tell it, and what mends it."""

from __future__ import annotations

import errno

_NO_ROOM = "make room for temporary files, or set TMPDIR to another folder"
_NO_FILES = "raise the limit of open files with `ulimit -n 1024`"
_NO_PORT = (
    "end what holds connections open, or widen `sysctl net.ipv4.ip_local_port_range`, as no port is"
    " left"
)
_NO_LOOPBACK = "bring this machine's loopback up with `ip link set lo up`"
_NO_MEMORY = "end other programs, or raise the limit with `ulimit -v unlimited`"

_NO_THREAD = "end other programs, or raise the limit with `ulimit -u`"

_MENDED_BY: dict[int, str] = {
    getattr(errno, name): mend
    for name, mend in (
        ("EMFILE", _NO_FILES),
        ("ENFILE", "end other programs, as this machine may open no further file"),
        ("ENOMEM", _NO_MEMORY),
        ("ENOBUFS", _NO_MEMORY),
        ("ENOSPC", _NO_ROOM),
        ("EDQUOT", _NO_ROOM),
        ("EROFS", "make the disk writable, or set TMPDIR to another folder"),
        ("EFBIG", "raise the limit of a file's size with `ulimit -f unlimited`"),
        ("EIO", "see to the disk"),
        ("EADDRNOTAVAIL", _NO_PORT),
        ("EAGAIN", _NO_THREAD),
        ("ENETDOWN", _NO_LOOPBACK),
        ("ENETUNREACH", _NO_LOOPBACK),
    )
}
"""By error number; no model brings one of them about in the process that asks a server."""


def lacking(error: BaseException) -> str | None:
    """What mends what this machine lacks, as an error, or one behind it, tells; None for nothing
    that it does."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, MemoryError):
            return _NO_MEMORY
        if "can't start new thread" in str(seen):  # Python tells no number of it.
            return _NO_THREAD
        number = getattr(seen, "errno", None)
        if isinstance(number, int) and number in _MENDED_BY:
            return _MENDED_BY[number]
        seen = seen.__cause__ or seen.__context__
    return None
