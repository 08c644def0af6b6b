"""Categories that a model is asked about in another writing than it learned from. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from documents.cells.writing import by_plain, plain
from documents.features import Feature
from documents.shown import shown

_CATEGORY = "category"


class Rewritten:
    """What to tell of rows, once of each column: no answer shows that it is for a category that
    nobody has seen."""

    def __init__(self, features: Mapping[str, Feature]):
        """
        Args:
          features: what is known of the inputs, by name.
        """
        self._columns = {
            name: (frozenset(feature.seen.values), by_plain(feature.seen.values))
            for name, feature in features.items()
            if feature.kind == _CATEGORY and feature.seen
        }

    def told(self, instance: Mapping[str, Any]) -> Iterator[str]:
        """Sentences about an instance, as it is sent."""
        for name, (known, written) in [*self._columns.items()]:
            category = instance.get(name)
            if not category or category in known or not isinstance(category, str):
                continue
            if (usual := written.get(plain(category))) is not None:
                del self._columns[name]
                yield (
                    f"column {shown(name)} holds '{shown(category)}', and the model learned from"
                    f" '{shown(usual)}', which is another category to it"
                )
