"""Where runs of a ROOT have artifacts outside of it: `ROOT/artifacts.address`, an address a line.

Who looks at the runs later reads objects below these, and no others.
"""

from __future__ import annotations

from pathlib import Path

from documents import writer
from documents.regular_file import regular_file
from documents.workspace import Workspace

_LARGEST = 1 << 16
_MOST = 20
"""Addresses that are kept, those that were used last."""


def read_addresses(root: Path) -> tuple[str, ...]:
    """The addresses, without a slash at the end, the last one first; none without the file."""
    try:
        with regular_file(Workspace(root).buckets) as file:
            lines = file.read(_LARGEST).decode("utf-8", "replace").splitlines()
    except (OSError, ValueError):
        return ()
    found = (line.strip().rstrip("/") for line in lines)
    return tuple(dict.fromkeys(each for each in found if "://" in each))


def note_address(root: Path, address: str) -> None:
    """Puts an address down before all others.

    Raises:
      OSError: it cannot be written.
    """
    known = read_addresses(root)
    address = address.rstrip("/")
    if known[:1] != (address,):
        kept = [address, *(each for each in known if each != address)][:_MOST]
        writer.replace(str(Workspace(root).buckets), "".join(f"{each}\n" for each in kept).encode())
