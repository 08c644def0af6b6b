"""Which of the two locks fits this machine: a matter of the C library that wheels ask for."""

import os
import platform
from typing import Mapping, NamedTuple, Optional, Tuple

NEWEST_GLIBC = (2, 39)
"""The wheels of ml-metadata 1.21 and TensorFlow Data Validation 1.21 are tagged manylinux_2_39."""


class LaneError(RuntimeError):
    """No lane fits this machine, or TFX_LANE names none; the message says what would."""


class Lane(NamedTuple):
    """A set of pinned packages and the Python versions that it runs on, best first."""

    name: str
    pythons: Tuple[str, ...]


LANES = {
    "compat": Lane("compat", ("3.10",)),
    "current": Lane("current", ("3.13", "3.12", "3.11")),
}


class Machine(NamedTuple):
    """What the choice of a lane depends on."""

    system: str
    """`Linux`, `Darwin`, as platform.system() says."""
    processor: str
    """`x86_64`, `arm64`, as platform.machine() says."""
    glibc: Optional[Tuple[int, int]]
    """None where the C library is another one."""

    def __str__(self) -> str:
        libc = ", glibc {}.{}".format(*self.glibc) if self.glibc else ""
        return f"{self.system} {self.processor}{libc}"


def this_machine() -> Machine:
    return Machine(platform.system(), platform.machine(), _glibc())


def choose_lane(machine: Machine, environ: Mapping[str, str]) -> Lane:
    """The lane for `machine`, unless TFX_LANE in `environ` names one.

    Raises:
      LaneError: TFX_LANE is unknown, or there are no TFX wheels for the machine.
    """
    forced = environ.get("TFX_LANE")
    if forced:
        if forced not in LANES:
            raise LaneError(f"TFX_LANE={forced} is no lane: set it to {' or '.join(LANES)}.")
        return LANES[forced]
    if (machine.system, machine.processor) == ("Darwin", "arm64"):
        return LANES["current"]
    if (machine.system, machine.processor) != ("Linux", "x86_64"):
        raise LaneError(
            f"TFX has no wheels for {machine}: use Linux on x86-64 or a Mac with Apple silicon."
        )
    if machine.glibc is None:
        raise LaneError(
            f"TFX has no wheels for the C library of this {machine}: use a distribution with "
            "glibc, such as Debian or Ubuntu."
        )
    return LANES["current" if machine.glibc >= NEWEST_GLIBC else "compat"]


def _glibc() -> Optional[Tuple[int, int]]:
    try:
        name = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, OSError, ValueError):  # no such call or no such name: another libc
        return None
    parts = name.replace("glibc", "").strip().split(".")
    return (int(parts[0]), int(parts[1]))
