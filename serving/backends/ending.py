"""How a model server ended, and whether the model can have brought that about."""

from __future__ import annotations

import dataclasses
import re
import signal

_SHELL_OFFSET = 128
"""A container, as a shell, tells of signal N by the exit code 128 + N."""
_CRASHES = frozenset((signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGBUS, signal.SIGTRAP))
"""What a graph can do to the process that loads it. Any other signal comes from outside: the kernel
takes memory back by SIGKILL, and people and supervisors end processes by it or SIGTERM; SIGILL is a
build for another processor."""
_MACHINE = re.compile(
    r"\b(RESOURCE_EXHAUSTED|UNAVAILABLE|PERMISSION_DENIED|CANCELLED)\b"
    r"|\b(MemoryError|ImportError|ModuleNotFoundError|OSError|PermissionError)\b"
    r"|std::bad_alloc|[Tt]oo many open files|[Nn]o space left on device|[Cc]annot allocate memory"
    r"|can't start new thread|Resource temporarily unavailable|pthread_create"
    r"|seed-material|random_device"
)
"""Words of a system that lacks something, or of an installation that does; the last two are what
TensorFlow says that cannot open /dev/urandom."""
_SHORTAGE = re.compile(
    r"[Tt]oo many open files|can't start new thread|pthread_create|seed-material|random_device"
    r"|[Nn]o space left on device"
)
"""Those of them that no model brings about whose graph touches no files."""


@dataclasses.dataclass(frozen=True)
class Ending:
    """What an exit code says."""

    code: int

    @property
    def signal(self) -> signal.Signals | None:
        """The signal that ended it; None when it ended by itself."""
        number = -self.code if self.code < 0 else self.code - _SHELL_OFFSET
        try:
            return signal.Signals(number)
        except ValueError:
            return None

    @property
    def from_outside(self) -> bool:
        """Whether something other than the server and its model ended it."""
        return self.signal is not None and self.signal not in _CRASHES

    @property
    def may_come_from_outside(self) -> bool:
        """Whether it is one of those that a graph can bring about, and so can anybody's signal."""
        return self.signal in _CRASHES

    @property
    def mend(self) -> str:
        """What to do about one that came from outside."""
        if self.signal is signal.SIGKILL:
            return "end other programs, or give it more memory"
        if self.signal is signal.SIGILL:
            return "install packages for this processor, or give it more memory"
        if self.signal is signal.SIGXCPU:
            return "raise the limit of processor time with `ulimit -t unlimited`"
        return "look who sent it a signal"

    def __str__(self) -> str:
        if self.signal is None:
            return f"ended with exit code {self.code}"
        if self.signal is signal.SIGKILL:
            return "was killed by SIGKILL, as a system does that runs out of memory,"
        return f"was ended by {self.signal.name}"


def blames_machine(reason: str) -> bool:
    """Whether a server's words tell of something that the machine or the installation lacks."""
    return _MACHINE.search(reason) is not None


def tells_of_shortage(line: str) -> bool:
    """Whether what a server says tells of something that a machine runs out of, whatever is
    served."""
    return _SHORTAGE.search(line) is not None
