"""`rollback`, `withdraw`, `restore` and `prune` as a user types them, and what they print."""

from __future__ import annotations

import argparse
import json
import shlex
from pathlib import Path
from types import ModuleType

import pytest

from serving.__main__ import main
from serving.base_path.ledger import read_ledger
from serving.base_path.state import list_withdrawn
from serving.base_path.versions import list_versions, publish
from serving.commands import prune, restore, rollback, withdraw
from tests.serving.base_path.written import make_model

COMMANDS = (prune, restore, rollback, withdraw)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Of three versions; the last one is live."""
    base = tmp_path / "serving" / "letters"
    for number in (1, 2, 3):
        publish(make_model(tmp_path / f"model {number}", b"%d" % number), base)
    return base


@pytest.fixture
def versions(base: Path) -> list[int]:
    """Their numbers."""
    return [version.number for version in list_versions(base)]


def run(base: Path, *arguments: object) -> int:
    return main([*map(str, arguments), "--base-path", str(base)])


def left(base: Path) -> tuple[list[int], list[int]]:
    """What is offered, and what is withdrawn."""
    return [v.number for v in list_versions(base)], [v.number for v in list_withdrawn(base)]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda module: module.__name__)
def test_examples_of_the_help_can_be_typed(command: ModuleType):
    parser = argparse.ArgumentParser(exit_on_error=False)
    command.add_arguments(parser)
    examples = [line for line in command.HELP.splitlines() if "python -m serving" in line]
    assert examples
    for line in examples:
        *_, name = command.__name__.split(".")
        words = shlex.split(line)
        assert words[:4] == ["python", "-m", "serving", name]
        parser.parse_args(words[4:])


def test_rollback_takes_the_live_version_away(base: Path, versions: list[int], capsys):
    one, two, three = versions
    assert run(base, "rollback", "--reason", "wrong since Monday") == 0
    assert capsys.readouterr().out == (
        f"Rolled back to version {two}, withdrew {three}; live: version {three} → version {two}.\n"
    )
    assert left(base) == ([one, two], [three])
    assert read_ledger(base)[-1].reason == "wrong since Monday"


def test_rollback_to_a_version_takes_all_later_ones_away(base: Path, versions: list[int]):
    one, two, three = versions
    assert run(base, "rollback", one) == 0
    assert left(base) == ([one], [two, three])


def test_withdraw_of_another_version_leaves_the_live_one(base: Path, versions, capsys):
    one, two, three = versions
    assert run(base, "withdraw", two, "--reason", "labels") == 0
    assert capsys.readouterr().out == (
        f"Withdrew version {two}; live as before: version {three}.\n"
    )
    assert left(base) == ([one, three], [two])


def test_restore_brings_it_back(base: Path, versions: list[int], capsys):
    assert run(base, "rollback") == 0
    capsys.readouterr()
    assert run(base, "restore", versions[2]) == 0
    _, two, three = versions
    assert capsys.readouterr().out == (
        f"Restored version {three}; live: version {two} → version {three}.\n"
    )
    assert left(base) == (versions, [])


def test_prune_removes_the_oldest(base: Path, versions: list[int], capsys):
    assert run(base, "prune", "--keep", 2) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"Removed {versions[0]} (0.0 MB); live: version {versions[2]}.")
    assert left(base) == (versions[1:], [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rollback",), "Would roll back to version "),
        (("prune", "--keep", "1"), "Would remove "),
    ],
)
def test_a_dry_run_says_it_and_does_nothing(base: Path, versions, capsys, arguments, said):
    assert run(base, *arguments, "--dry-run") == 0
    assert capsys.readouterr().out.startswith(said)
    assert left(base) == (versions, [])
    assert [entry.action for entry in read_ledger(base)] == ["publish"] * 3


def test_json_tells_scripts_what_was_done(base: Path, versions: list[int], capsys):
    assert run(base, "rollback", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["action"], told["version"]) == ("rollback", versions[1])
    assert (told["live_before"], told["live_after"]) == (versions[2], versions[1])
    assert told["dry_run"] is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("withdraw", "77", "--reason", "x"), "77"),
        (("restore", "77"), "77"),
        (("rollback", "77"), "77"),
        (("prune", "--keep", "0"), "keep"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(base: Path, versions, capsys, arguments, said):
    assert run(base, *arguments) in (1, 2)
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert left(base) == (versions, [])


def test_the_last_version_goes_only_when_told_so(tmp_path: Path, capsys):
    base = tmp_path / "letters"
    publish(make_model(tmp_path / "model"), base)
    [only] = list_versions(base)
    assert run(base, "withdraw", only.number, "--reason", "x") == 1
    assert "--leave-nothing" in capsys.readouterr().err
    assert run(base, "withdraw", only.number, "--reason", "x", "--leave-nothing") == 0
    assert left(base) == ([], [only.number])
