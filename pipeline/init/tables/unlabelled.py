"""Files of a table without the label, as the test.csv of a competition is. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from components.example_gen.formats.format import FormatError
from documents.shown import shown

_NAMED = 3


def demand_label(names: Mapping[str, Sequence[str]], label: str) -> None:
    """Whether every file has the label, if any has.

    Args:
      names: the columns of each file.

    Raises:
      FormatError: one has it and another has not; it says which to take.
    """
    with_it = {file: len(of) for file, of in names.items() if label in of}
    without = [file for file in names if file not in with_it]
    if not with_it or not without:
        return
    # Who hands in predictions finds a file of those there, too: labels, and hardly a column.
    most = max(with_it.values())
    whole = [file for file, count in with_it.items() if count == most]
    taken = " ".join(shown(shlex.quote(file)) for file in whole[:_NAMED])
    more = f" and {len(whole) - _NAMED} more" if len(whole) > _NAMED else ""
    raise FormatError(
        f"{shown(without[0])} has no column {shown(label)!r}, so nothing can be learned of it: take"
        f" the files that have all columns, with --table {taken}{more}."
    )
