from __future__ import annotations

import pytest

from components.baseline.choice import NONE, Choice, choose
from documents.provenance import Provenance
from documents.verdict import BaselineReference

DIGESTS = {1: "a", 2: "b", 3: "c"}


def compared_with(version: int, digest: str) -> Provenance:
    return Provenance(baseline=BaselineReference(version=version, digest=digest))


def chosen(candidate: str, versions: list[int], provenance: Provenance | None = None) -> Choice:
    return choose(candidate, versions, DIGESTS.__getitem__, provenance)


def test_nothing_is_live() -> None:
    assert chosen("x", []) == NONE == Choice(0, "")


def test_the_live_version_is_the_baseline_of_a_new_candidate() -> None:
    assert chosen("x", [1, 2], compared_with(1, "a")) == Choice(2, "b")


def test_a_candidate_that_is_live_keeps_the_baseline_it_had() -> None:
    assert chosen("b", [1, 2], compared_with(1, "a")) == Choice(1, "a")
    assert chosen("c", [1, 2, 3], compared_with(2, "b")) == Choice(2, "b")


def test_the_first_version_of_all_keeps_having_none() -> None:
    assert chosen("a", [1], Provenance(baseline=None)) == NONE


@pytest.mark.parametrize(
    "provenance",
    [
        None,
        Provenance(),
        compared_with(9, "i"),
        compared_with(1, "was replaced"),
        compared_with(2, "b"),
    ],
)
def test_a_recorded_baseline_that_is_gone_or_replaced_is_none(
    provenance: Provenance | None,
) -> None:
    assert chosen("b", [1, 2], provenance) == NONE


def test_only_versions_that_matter_are_read() -> None:
    asked: list[int] = []

    def digest_of(number: int) -> str:
        asked.append(number)
        return DIGESTS[number]

    choose("x", [1, 2, 3], digest_of, None)
    assert asked == [3]
