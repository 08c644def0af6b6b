"""The examples that `--help` shows are commands that there are."""

from __future__ import annotations

import shlex

import pytest

from inspection.commands.calls import CALLS
from inspection.commands.options import parser


def nothing(options: object) -> int:
    raise AssertionError(options)


@pytest.mark.parametrize("call", [call for calls in CALLS.values() for call in calls])
def test_an_example_is_understood(call: str) -> None:
    assert parser(nothing, nothing).parse_args(shlex.split(call)).act is nothing


@pytest.mark.parametrize("command", CALLS)
def test_examples_are_of_their_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert all(call.split()[0] == command for call in CALLS[command])
    with pytest.raises(SystemExit):
        parser(nothing, nothing).parse_args([command, "--help"])
    said = capsys.readouterr().out
    assert f"\n  python -m inspection {CALLS[command][0]}\n" in said
