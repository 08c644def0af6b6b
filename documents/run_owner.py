"""Which process a run belongs to, as its context in a store that several share says."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from documents.holder import boot_id

OWNER = "owner"
LEASE = "lease"
ARTIFACTS = "artifacts"
"""Custom properties of the context of a run. The last one is its pipeline root."""
LEASE_SECONDS = 600
"""A run whose lease was not renewed for so long is taken for dead wherever it ran. Clocks of
machines that share a store may differ by less."""
RENEW_SECONDS = 60


@dataclasses.dataclass(frozen=True)
class RunOwner:
    """A process, and where it keeps its files."""

    host: str
    boot: str
    """Other at each start of the machine, and in each container with processes of its own."""
    pid: int
    started: str
    """When the process began, in the kernel's own ticks: numbers of processes are used again."""
    root: str
    place: str = ""
    """Of that folder, as `one_place` has it; empty where an older release ran."""

    @classmethod
    def this(cls, root: Path, place: str = "") -> RunOwner:
        """The process that asks, for a run in the folder `root`."""
        pid = os.getpid()
        return cls(socket.gethostname(), _boot(), pid, _started(pid) or "", str(root), place)

    @classmethod
    def of(cls, properties: Mapping[str, object]) -> RunOwner | None:
        """From the properties of a context; None without a sound one."""
        try:
            found = json.loads(str(properties.get(OWNER)))
            known = {field.name for field in _FIELDS}
            owner = cls(**{name: value for name, value in found.items() if name in known})
        except (ValueError, TypeError, AttributeError, RecursionError):
            return None
        sound = all(isinstance(getattr(owner, f.name), _KINDS[f.type]) for f in _FIELDS)
        return owner if sound else None

    def as_text(self) -> str:
        """For the custom property OWNER."""
        return json.dumps(dataclasses.asdict(self))

    def is_here(self) -> bool:
        """Whether it runs, or ran, on this machine since it was started."""
        return self.host == socket.gethostname() and self.boot == _boot()

    def has_files_of(self, other: RunOwner) -> bool:
        """Whether both keep their files in one folder, on whatever machine or mount that is."""
        if self.place and other.place:
            return self.place == other.place
        return self.root == other.root

    def has_lock_of(self, other: RunOwner) -> bool:
        """Whether, of both and on this machine, only one can work at a time.

        Machines are renamed, and each container has a name of its own; locks are the kernel's.
        """
        if self.is_here() and other.is_here():
            return self.root == other.root or self.has_files_of(other)
        return bool(
            (self.place and self.place == other.place)
            and (_kernel(self.boot) and _kernel(self.boot) == _kernel(other.boot))
        )

    def is_gone(self, lease: float | None, now: float | None = None) -> bool:
        """Whether nobody works on the run any more.

        Args:
          lease: seconds since 1970 when it was renewed last; None when never.
          now: the same; None for the clock.
        """
        if self.is_here():
            return _started(self.pid) != self.started
        now = time.time() if now is None else now
        return lease is None or lease + LEASE_SECONDS < now


_FIELDS = dataclasses.fields(RunOwner)
_KINDS: dict[object, type] = {"str": str, "int": int}


def _kernel(boot: str) -> str:
    return boot.partition(" ")[0]


def _boot() -> str:
    try:
        return f"{boot_id()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return boot_id()


def _started(pid: int) -> str | None:
    """Field 22 of /proc/PID/stat; "" for a living process where there is no such file."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        try:
            os.kill(pid, 0)
        except PermissionError:
            return ""
        except OSError:
            return None
        return None if Path("/proc/self/stat").exists() else ""
    # The name of the program may hold spaces and brackets.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in ("Z", "X") else fields[19]
