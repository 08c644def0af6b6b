"""What a command says of the module that it made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.publishing.publish import PublishedModule


def report(made: PublishedModule, verb: str, checked: str, *, as_json: bool) -> None:
    """Prints it: one JSON object, or lines for people.

    Args:
      verb: what was done, `Built`.
      checked: what was tried, without its full stop.
    """
    if as_json:
        found = {
            "folder": str(made.folder),
            "archive": str(made.archive),
            "handle": made.handle,
            "sha256": made.sha256,
            "bytes": made.nbytes,
            "takes": made.takes,
            "gives": made.gives,
            "is_new": made.is_new,
        }
        print(json.dumps(found))
        return
    print(
        f"{verb} {made.archive} ({made.nbytes / 1e6:.2f} MB), {made.takes} to {made.gives}\n"
        f"sha256  {made.sha256}\n"
        f"checked: {checked}"
    )
