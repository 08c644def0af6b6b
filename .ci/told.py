"""How a comparison with what others publish ends. Without packages, since each has its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def told(differences: Sequence[str], file: str, fine: str) -> int:
    """The exit code: 0 where there are no differences, which are printed, with the file to mend."""
    for difference in differences:
        print(difference, file=sys.stderr)
    if differences:
        print(f"Mend {file}.", file=sys.stderr)
    else:
        print(fine)
    return int(bool(differences))
