"""Several files in the one word that settings have for them. Pure but for the listing."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence

from components.example_gen.formats import files
from components.example_gen.formats.format import FormatError
from documents.shown import shown


def one_pattern(paths: Sequence[str]) -> str:
    """A path as it is; of several the pattern that fits these and no others.

    Raises:
      FormatError: there is no such pattern.
    """
    if len(paths) == 1:
        return paths[0]
    folders = {os.path.dirname(path) for path in paths}
    names = [os.path.basename(path) for path in paths]
    start = _common(names)
    end = _common([name[len(start) :][::-1] for name in names])[::-1]
    [folder, *others] = folders
    pattern = f"{start}*{end}"
    if not others and sorted(set(paths)) == files.find(folder, pattern):
        return os.path.join(folder, pattern)
    raise FormatError(
        f"No pattern fits {shown(names[0])}, {shown(names[1])} and nothing else: put the files into"
        " a folder of their own and name that, or write a pattern in quotes, e.g. 'trips/*.csv'."
    )


def _common(names: Sequence[str]) -> str:
    """How all of them begin."""
    alike = itertools.takewhile(lambda letters: len({*letters}) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in alike)
