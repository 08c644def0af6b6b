"""Names of the columns of a table that has no line of them, as `init --columns` is given. Pure."""

from __future__ import annotations

import csv
import re

from documents.settings.twice import twice
from documents.shown import shown

_RANGE = re.compile(r"(?P<name>.*?)(?P<first>\d{1,6})\.\.(?P=name)(?P<last>\d{1,6})")
"""As x1..x590, which is 590 names."""
_MOST = 10_000


def column_names(text: str, label: str) -> list[str]:
    """The names behind `--columns`: `age,income,x1..x20,label`.

    Raises:
      ValueError: there are none, a range is none, one stands twice, or the label is none of them;
        the message is a sentence.
    """
    names: list[str] = []
    for part in next(csv.reader([text], skipinitialspace=True), []):
        found = _RANGE.fullmatch(part.strip())
        if found is None:
            names.append(part.strip())
            continue
        first, last = int(found["first"]), int(found["last"])
        if not first <= last < first + _MOST:
            raise ValueError(
                f"--columns {shown(part.strip())} is no range of 1 to {_MOST:,} names; the lower"
                " number stands first, as in x1..x20."
            )
        names += [f"{found['name']}{number}" for number in range(first, last + 1)]
    if "" in names or not names:
        raise ValueError(
            f"--columns {shown(text)} leaves a column without a name; write one for each, with"
            " commas between, and x1..x20 for twenty."
        )
    if (again := twice(names)) is not None:
        raise ValueError(f"--columns names {shown(again)} twice; call one of them otherwise.")
    if label not in names:
        raise ValueError(
            f"--columns does not name the label {shown(label)}; write it where its cells stand."
        )
    return names
