"""Categories that are written otherwise than where the live version learned. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components.baseline.shared_features import shared_features
from documents.cells.nothing import NOTHING
from documents.cells.writing import by_plain, plain
from documents.features import Features
from documents.shown import shown

_CATEGORY = "category"
_FEWEST = 2
"""Categories; a column of one, such as the year of a span, says another one each time."""


def rewritten(live: Features, candidate: Features) -> Iterator[str]:
    """Sentences about columns whose frequent categories the live version knows in another writing,
    of which it knows none, or one of which seems to have become empty cells: whoever asks the new
    version as before gets the answer for a category that nobody has seen, and no metric tells.

    Args:
      live: of the version that is live.
      candidate: of the model that was trained now.
    """
    for before, feature in shared_features(live, candidate, _CATEGORY):
        known, found = (of.seen.values if of.seen else () for of in (before, feature))
        if told := _told(known, found):
            yield f"column {shown(feature.name)} {told}"


def _told(known: Sequence[str], found: Sequence[str]) -> str:
    """The rest of a sentence; "" where there is nothing to tell."""
    written = by_plain(known)
    new = [category for category in found if category not in known]
    alike = next((category for category in new if plain(category) in written), None)
    if alike is not None:
        return f"holds {_quoted(alike)}, which was {_quoted(written[plain(alike)])}"
    if len(new) == len(found) >= _FEWEST <= len(known):
        return f"holds {_quoted(new[0])} and others, and none of what it held ({_quoted(known[0])})"
    # pandas reads NA, and leaves an empty cell where it writes it.
    lost = next((word for word in known if word.lower() in NOTHING and word not in found), None)
    if lost is not None and found:
        return f"holds no {_quoted(lost)}, unless as empty cells, as it did"
    return ""


def _quoted(category: str) -> str:
    return f"'{shown(category)}'"
