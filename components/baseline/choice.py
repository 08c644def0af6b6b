"""Which version a candidate is compared with. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from documents.provenance import Provenance


@dataclasses.dataclass(frozen=True)
class Choice:
    """A version by number and content."""

    version: int
    digest: str


NONE = Choice(version=0, digest="")
"""There is nothing to compare with."""


def choose(
    candidate: str,
    versions: Sequence[int],
    digest_of: Callable[[int], str],
    provenance: Provenance | None,
) -> Choice:
    """The live version, unless it is the candidate itself: then what that was compared with.

    So a run that changes nothing chooses as the run before it did, and TFX's cache answers. When
    the version recorded then is gone or was replaced, nothing is chosen: the candidate is live
    already, so no push depends on the comparison.

    Args:
      candidate: content digest.
      versions: numbers of the complete versions, lowest first.
      digest_of: content digest of one of them; asked only where the choice depends on it.
      provenance: of the live version, None when it has none.
    """
    if not versions:
        return NONE
    live = Choice(versions[-1], digest_of(versions[-1]))
    if live.digest != candidate:
        return live
    recorded = provenance.baseline if provenance else None
    if recorded is None or recorded.version not in versions[:-1]:
        return NONE
    then = Choice(recorded.version, digest_of(recorded.version))
    return then if then.digest == recorded.digest else NONE
