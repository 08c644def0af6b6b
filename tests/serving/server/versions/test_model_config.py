from __future__ import annotations

import logging

import pytest

from serving.server.versions.model_config import (
    All,
    Latest,
    Policy,
    Specific,
    aspired_versions,
    is_absolute,
)

ENTRIES = [
    "10", "9", "-1", "007", ".staging-17", "model", "1.5", "9223372036854775808", " 3", "1_0", "٣",
    "0x1", "", "+", "1e3", "9" * 255,
]  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Latest(), {10: "10"}),
        (Latest(2), {9: "9", 10: "10"}),
        (Latest(0), {10: "10"}),
        (All(), {-1: "-1", 3: " 3", 7: "007", 9: "9", 10: "10"}),
        (Specific(frozenset((7, 8))), {7: "007"}),
    ],
)
def test_any_whole_number_is_a_version(policy: Policy, expected: dict[int, str]):
    assert aspired_versions(ENTRIES, policy) == expected


@pytest.mark.parametrize(
    ("policy", "entry"),
    [(Latest(), "7 "), (Latest(3), "7 "), (Specific(frozenset((7,))), "7 "), (All(), " 7")],
)
def test_of_names_that_read_as_one_number_upstreams_choice_is_served(policy: Policy, entry: str):
    for names in (["007", "7 ", "7", " 7", "+7"], ["7", "+7", " 7", "7 ", "007"]):
        assert aspired_versions(names, policy) == {7: entry}


def test_which_of_two_names_is_passed_over_is_said(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        assert aspired_versions(["2", "0000002"], Latest()) == {2: "2"}
        assert aspired_versions(["2", "0000002"], All()) == {2: "0000002"}
    first, second = caplog.messages
    assert "loaded from 2, 0000002 will be ignored" in first
    assert "loaded from 0000002, 2 will be ignored" in second


@pytest.mark.parametrize(
    ("path", "absolute"),
    [
        ("/models/m", True), ("gs://bucket/m", True), ("file:///models", True), ("s3.a://b", True),
        ("", False), ("models", False), ("./models", False), ("../m", False), ("~/m", False),
        ("://bucket", False), ("gs:/bucket", False), ("9p://m", False),
    ],
)  # fmt: skip
def test_a_base_path_is_absolute_or_an_address(path: str, absolute: bool):
    assert is_absolute(path) == absolute


def test_a_specific_version_that_is_not_there_is_said(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        assert aspired_versions(["1"], Specific(frozenset((2,)))) == {}
    assert "Version 2" in caplog.text
