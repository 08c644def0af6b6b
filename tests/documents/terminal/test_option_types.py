"""Values on a command line, taken or refused in words."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from documents.terminal.option_types import (
    amount_option,
    count_option,
    duration_option,
    folder_option,
    place_option,
    port_option,
)


@pytest.mark.parametrize("text", ["0", "8501", "65535"])
def test_ports_are_taken(text: str):
    assert port_option(text) == int(text)


@pytest.mark.parametrize("text", ["", "x", "-1", "65536", "99999", "9" * 5_000, "1e3"])
def test_what_is_no_port_is_refused(text: str):
    with pytest.raises(argparse.ArgumentTypeError, match="is no port; give 0 to 65535") as refused:
        port_option(text)
    assert len(str(refused.value)) < 100


@pytest.mark.parametrize("text", ["0", "0.5", "1e3"])
def test_times_are_taken(text: str):
    assert duration_option(text) == float(text)


@pytest.mark.parametrize("text", ["", "x", "-1", "nan", "inf", "1e999", "9" * 5_000])
def test_what_is_no_time_is_refused(text: str):
    with pytest.raises(argparse.ArgumentTypeError, match="is no time; give a number from 0 on"):
        duration_option(text)


@pytest.mark.parametrize("text", ["", "x", "-0.1", "nan", "inf", "9" * 5_000])
def test_what_is_no_amount_is_refused(text: str):
    assert amount_option("0.005") == 0.005
    with pytest.raises(argparse.ArgumentTypeError, match="is no amount; give a number from 0 on"):
        amount_option(text)


@pytest.mark.parametrize("text", ["", "x", "-3", "0", "1.5", "9" * 5_000])
def test_what_is_no_number_of_things_is_refused(text: str):
    assert count_option("3") == 3
    with pytest.raises(argparse.ArgumentTypeError, match="is no number of things; give 1 or more"):
        count_option(text)


@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_place_is_none(text: str):
    assert place_option("a") == "a"
    with pytest.raises(argparse.ArgumentTypeError, match="it is empty; name a folder"):
        place_option(text)


def test_a_home_that_a_folder_lies_in(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert folder_option("~/modules") == Path("/home/me/modules")
    assert folder_option("a/~b") == Path("a/~b")


@pytest.mark.parametrize("text", ["~no-such-user", "~no-such-user/modules", "~ "])
def test_a_home_that_nobody_has(text: str):
    with pytest.raises(argparse.ArgumentTypeError, match="there is no home folder for ~"):
        folder_option(text)
