"""Which span is taken, and what is said when none fits."""

from __future__ import annotations

import glob
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.example_gen.spans import Found, SpanError, check_pattern, choose, find, folders


def listed(base: str, wildcards: str) -> list[str]:
    return glob.glob(f"{glob.escape(base)}/{wildcards}")


def found(folder: Path, pattern: str) -> set:
    return set(find(str(folder), pattern, listed))


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


@pytest.mark.parametrize(
    ("pattern", "names", "spans"),
    [
        ("span-{SPAN}/x-*", ["span-1/x-a", "span-12/x-b", "span-z/x-c"], {(1, None), (12, None)}),
        ("{SPAN:3}/x", ["001/x", "12/x", "0123/x"], {(1, None)}),
        ("{SPAN}/v{VERSION}/x", ["7/v1/x", "7/v10/x", "8/x"], {(7, 1), (7, 10)}),
        ("{YYYY}-{MM}-{DD}/x", ["1970-01-02/x", "2026-13-01/x"], {(1, None)}),
        ("{YYYY}{MM}{DD}/v{VERSION:2}/x", ["19700103/v04/x"], {(2, 4)}),
    ],
)
def test_files_tell_their_spans(tmp_path: Path, pattern: str, names: list[str], spans: set):
    touch(tmp_path, *names)
    assert found(tmp_path, pattern) == spans


@pytest.mark.parametrize("name", ["a+b(c)", "a [1]", "a*", "a{SPAN}", "{YYYY}"])
def test_a_folder_may_hold_what_means_something_in_patterns(tmp_path: Path, name: str):
    touch(tmp_path / "a 1", "9/x")
    touch(tmp_path / "a7", "9/x")
    touch(tmp_path / name, "1/x")
    assert found(tmp_path / name, "{SPAN}/x") == {(1, None)}


def test_the_latest_span_and_its_latest_version():
    pairs = frozenset({(2, 9), (10, 1), (10, 3)})
    assert choose({"train": pairs, "test": pairs}, None, where="in") == (10, 3)
    assert choose({"train": pairs, "test": pairs}, 2, where="in") == (2, 9)


@pytest.mark.parametrize(
    ("pattern", "names", "spans"),
    [
        ("span-{SPAN}/*.csv", ["span-1/a.csv", "span-2/", "span-x/"], {(1, None), (2, None)}),
        ("{SPAN}/v{VERSION}/pets", ["3/v1/pets/", "3/v2/", "4/"], {(3, 1), (3, 2)}),
        ("{YYYY}/{MM}/{DD}/*", ["1970/01/02/", "1970/01/x/"], {(1, None)}),
        # A span that is a file, and a file that is called as a folder of a span is.
        ("span-{SPAN}.csv", ["span-1.csv", "span-2.csv/"], set()),
        ("span-{SPAN}/*", ["span-1"], set()),
    ],
)
def test_a_span_has_a_folder_before_it_has_files(
    tmp_path: Path, pattern: str, names: list[str], spans: set
):
    for name in names:
        if name.endswith("/"):
            (tmp_path / name).mkdir(parents=True)
        else:
            touch(tmp_path, name)
    assert folders(str(tmp_path), [pattern], listed) == spans
    assert not folders("s3://bucket/a", [pattern], listed)


def test_a_span_whose_files_have_not_arrived_is_not_passed_over():
    older: Found = {(1, None): ["a.csv"]}
    with pytest.raises(SpanError, match="Span 2 in incoming has no files for data; add them, wait"):
        choose({"data": older}, None, where="incoming", folders={(1, None), (2, None)})
    assert choose({"data": older}, 1, where="incoming", folders={(2, None)}) == (1, None)
    version: Found = {(1, 1): ["a.csv"]}
    with pytest.raises(SpanError, match="Version 2 of span 1 in incoming has no files for data"):
        choose({"data": version}, 1, where="incoming", folders={(1, 2)})


@given(st.sets(st.integers(0, 50), min_size=1))
def test_without_versions_the_highest_is_taken(spans: set[int]):
    pairs: Found = frozenset((span, None) for span in spans)
    assert choose({"train": pairs, "test": pairs}, None, where="in") == (max(spans), None)


@pytest.mark.parametrize(
    ("train", "test", "wanted", "said"),
    [
        ({}, {}, None, "No span in incoming; check data.files, or data.folder and data.pattern."),
        ({1: 0, 3: 0}, {1: 0, 3: 0}, 2, "data.span = 2 is not there: incoming has spans 1, 3;"),
        ({1: 0, 2: 0}, {1: 0}, None, "Span 2 in incoming has no files for test; add them"),
        ({1: 0, 2: 0}, {1: 0}, None, "(complete: span 1)"),
        ({4: 2}, {4: 1}, None, "Version 2 of span 4 in incoming has no files for test"),
        ({1: 0}, {}, 1, "(complete: none)"),
    ],
)
def test_what_does_not_fit_is_a_sentence(train: dict, test: dict, wanted: int | None, said: str):
    def pairs(spans: dict[int, int]) -> Found:
        return frozenset((span, version or None) for span, version in spans.items())

    with pytest.raises(SpanError) as error:
        choose({"train": pairs(train), "test": pairs(test)}, wanted, where="incoming")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("span", "must hold {SPAN} once"),
        ("{SPAN}/{SPAN}", "must hold {SPAN} once"),
        ("{VERSION}", "must hold {SPAN} once"),
        ("{YYYY}-{MM}", "must hold {SPAN} once"),
        ("{SPAN}/{VERSION}/{VERSION}", "{VERSION} more than once"),
        ("{SPAN}/{split}", "braces other than"),
        ("{SPAN:x}", "must hold {SPAN} once"),
    ],
)
def test_a_pattern_that_fits_nothing_is_refused(pattern: str, said: str):
    with pytest.raises(SpanError) as error:
        check_pattern(pattern)
    assert said in str(error.value)


@pytest.mark.parametrize("pattern", ["{SPAN}", "s{SPAN:4}/v{VERSION}", "{YYYY}/{MM}/{DD}"])
def test_good_patterns_pass(pattern: str):
    check_pattern(pattern)
