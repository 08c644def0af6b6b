"""Features that two models have in common. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from documents.features import Feature, Features


def shared_features(
    live: Features, candidate: Features, kind: str
) -> Iterator[tuple[Feature, Feature]]:
    """Those of one name that are of that kind in both, in the candidate's order.

    Args:
      live: of the version that is live.
      candidate: of the model that was trained now.
    """
    before = {feature.name: feature for feature in live.features}
    for feature in candidate.features:
        other = before.get(feature.name)
        if other is not None and other.kind == feature.kind == kind:
            yield other, feature
