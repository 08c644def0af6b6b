"""Command lines as people mistype them: every option of every command with values of all kinds."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import functools
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from unittest import mock

import inspection.__main__
import kubeflow_runner
import local_runner
import models.hub.__main__
import serving.__main__
from pipeline.settings import REPOSITORY
from serving.base_path.content import PROVENANCE
from serving.base_path.versions import publish
from serving.base_path.withdrawal import withdraw
from tests.faults.fork import in_child
from tests.faults.pipeline_run import RECORDED_STORE
from tests.faults.trial import Budget, Trial, problem_of
from tests.serving.base_path.written import make_model

name = "mistyped command lines"
share = 1.5
_INTERRUPTED = 130
_PATIENCE = 10.0
"""Seconds until what serves is told to end."""
_DEAD = "http://127.0.0.1:9"
_OF_LIBRARIES = re.compile(
    r"\b[A-Za-z.]+(?:Error|Exception|Warning)\b|\[Errno|<class |object at 0x|\.py\", line \d|errno"
)
"""What a person should not have to read."""


@dataclasses.dataclass(frozen=True)
class _Program:
    """A program, and command lines of it that end soon; all they write lies in the current folder.

    `{place}` is the folder of the trial, with what _furnish makes.
    """

    main: Callable[[list[str]], int]
    lines: Sequence[str]


PROGRAMS = {
    "local_runner.py": _Program(
        local_runner.main,
        [
            "--config {place}/quick.yaml --root /dev/null/x --set data.folder=/none --to Trainer",
            "init --table {place}/table.csv --label b --name mine",
            "init --images {place}/empty --name mine",
        ],
    ),
    "kubeflow_runner.py": _Program(
        kubeflow_runner.main,
        [
            "compile --config {place}/quick.yaml --image i:1 --pipeline-root gs://bucket/r "
            "--data gs://bucket/d --base-path gs://bucket/m --output /dev/null/x.yaml",
            "validate {place}/compiled.yaml",
            "dry-run {place}/compiled.yaml --param a=b",
            f"submit {{place}}/compiled.yaml --host {_DEAD}",
            f"status r --host {_DEAD}",
            f"logs r Trainer --host {_DEAD}",
            f"runs --host {_DEAD}",
            f"schedule pause nightly --host {_DEAD}",
            f"schedule create {{place}}/compiled.yaml --host {_DEAD} --cron 0_0_1_*_*_*",
        ],
    ),
    "serving": _Program(
        serving.__main__.main,
        [
            "versions --base-path {place}/base",
            f"versions --base-path {{place}}/base --url {_DEAD}",
            "rollback 2 --reason x --base-path {place}/base",
            "withdraw 3 --reason x --base-path {place}/base",
            "restore 4 --base-path {place}/base",
            "prune --keep 1 --base-path {place}/base",
            "serve --base-path {place}/empty",
            "demo --base-path {place}/empty",
            f"demo --url {_DEAD} --host 192.0.2.1",
            f"predict {{place}}/photo.png --url {_DEAD}",
            f"predict {{place}}/idx.gz --index 1 --url {_DEAD}",
        ],
    ),
    "inspection": _Program(
        inspection.__main__.main,
        [
            f"{command} --store {{place}}/store/metadata.db"
            for command in (
                "runs --last 1", "show r1", "why r1", "lineage r1", "diff r1 r2",
                "serving --at 2020-01-01", "drift accuracy", "rebuild latest", "gc --dry-run",
                "report r1 --html {place}/report.html", "export --json",
            )
        ]
        + ["web --store {place}/none.db"],
    ),
    "models.hub": _Program(
        models.hub.__main__.main,
        [
            f"{REPOSITORY}/models/modules/fashion_mnist_encoder",
            "publish 3 --to {place}/modules --base-path {place}/base",
        ],
    ),
}  # fmt: skip

VALUES = (
    "", " ", "x", "0", "-1", "1e999", "nan", "9" * 5_000, "٣", "½", "1_000", "0x10", " 7", "1.5",
    "true", "None", "~", "~nobody", "/proc", ".", "/dev/null", "/dev/zero", "/dev/stdin", "{place}",
    "{place}/fifo", "{place}/binary", "{place}/none", "{place}/itself", "{place}/a [1]",
    "{place}/forbidden", "{place}/huge", "{place}/empty.file", "/dev/null/x", "a" * 300,
    "b/" * 3_000, "a\nb", "\x1b[31mred", "\udcff", "é", "http://", "http://[", "http://h:x",
    "http://127.0.0.1:99999", "http://\udcff", "ftp://h/x", "gs://", "file:///proc", "grpc://",
    "grpc://x:y", "mysql://", "mysql://u:p@127.0.0.1:9/d", "postgresql://127.0.0.1:9/d",
    "sqlite:///", "=", "a=", "=b", "a=b=c", "a.b=[", "--", "-", "-x", "*", "{}", "%s", "$(x)", "r0",
    "r99999999999999999999", "18446744073709551616", "9223372036854775808", "latest",
    "2026-13-45", "99999-01-01", "0001-01-01", "-1h", "9999999999h ago", "* * * * *",
)  # fmt: skip


def missing() -> str | None:
    return None


def trials(budget: Budget) -> Iterator[Trial]:
    """Each option and each argument of each line with each value, in an order that is drawn."""
    # Once, and not in each child that needs them.
    import tensorflow  # noqa: F401
    import tfx.v1  # noqa: F401

    place, base = budget.folder / "place", budget.folder / "base"
    model = make_model(budget.folder / "model")
    for number in (1, 2, 3, 4):
        publish(model, base, version=number, extra_files={PROVENANCE: b'{"format": 1}'})
    withdraw(base, 4, reason="bad")
    found = [
        (what, line, change)
        for what, program in PROGRAMS.items()
        for line in program.lines
        for change in _changes(program.main, line.split())
    ]
    while not budget.is_spent:
        what, line, change = budget.dice.choice(found)
        value = budget.dice.choice(VALUES)
        shutil.rmtree(place, ignore_errors=True)
        _furnish(place, base)
        arguments = [
            part.replace("{place}", str(place)).replace("_", " ")
            if part.startswith("0_")
            else part.replace("{place}", str(place))
            for part in change(line.split(), value)
        ]
        ended = in_child(
            functools.partial(_run, PROGRAMS[what].main, arguments, place),
            interrupt_after=_PATIENCE,
        )
        fault = f"{what} {' '.join(arguments):.300}".replace(str(place), "…")
        yield Trial(fault, "it hangs" if ended.hung else _problem(ended.code, ended.shown))


def _run(main: Callable[[list[str]], int], arguments: list[str], place: Path) -> int:
    os.chdir(place)
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    sys.argv = ["program", *arguments]
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr  # type: ignore[assignment,misc]
    return main(arguments)


def _problem(code: int, shown: str) -> str | None:
    found = problem_of(code, shown, (0, 1, 2, 3, _INTERRUPTED))
    if found:
        return found
    words = _OF_LIBRARIES.search(shown)
    if words and code:
        start = max(0, words.start() - 100)
        return f"a library speaks: {shown[start : words.end() + 100]!r}"
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", shown):
        return f"control characters: {shown[-200:]!r}"
    if code not in (0, _INTERRUPTED) and not shown.strip():
        return f"exit code {code} without a word"
    return None


_Change = Callable[[Sequence[str], str], list[str]]


def _changes(main: Callable[[list[str]], int], line: list[str]) -> list[_Change]:
    """What can be done to a line: another value in any place, and any option added."""
    parser = _parser(main, line)
    has_command = not line[0].startswith("-") and len(line) > 1
    found: list[_Change] = [
        functools.partial(_replaced, number)
        for number, part in enumerate(line)
        if not part.startswith("--") and not (has_command and number == 0)
    ]
    for option in _options(parser, line):
        found.append(functools.partial(_added, option.option_strings[-1], option.nargs != 0))
    return found


def _replaced(number: int, line: Sequence[str], value: str) -> list[str]:
    return [*line[:number], value, *line[number + 1 :]]


def _added(option: str, takes_value: bool, line: Sequence[str], value: str) -> list[str]:
    if not takes_value:
        return [*line, option]
    return [*line, f"{option}={value}" if value.startswith("-") else option, value][
        : -1 if value.startswith("-") else None
    ]


class _FoundError(Exception):
    def __init__(self, parser: argparse.ArgumentParser):
        self.parser = parser


def _parser(main: Callable[[list[str]], int], line: list[str]) -> argparse.ArgumentParser:
    """The parser that a program makes for a line."""

    def stop(self: argparse.ArgumentParser, *unused: object) -> None:
        raise _FoundError(self)

    with mock.patch.object(argparse.ArgumentParser, "parse_args", stop):
        try:
            main(line)
        except _FoundError as found:
            return found.parser
    raise AssertionError(f"{main.__module__} parses nothing")


def _options(parser: argparse.ArgumentParser, line: Sequence[str]) -> list[argparse.Action]:
    found = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            [command] = [part for part in line if part in action.choices]
            found += _options(action.choices[command], line)
        elif action.option_strings and action.dest != "help":
            found.append(action)
    return found


def _furnish(place: Path, base: Path) -> None:
    """Files, folders, and what looks like one."""
    place.mkdir()
    shutil.copytree(base, place / "base")
    for folder in ("empty", "a [1]", "forbidden"):
        (place / folder).mkdir()
    (place / "forbidden").chmod(0)
    os.mkfifo(place / "fifo")
    (place / "binary").write_bytes(bytes(range(256)))
    (place / "empty.file").touch()
    (place / "table.csv").write_text("a,b\n" + "1,x\n2,y\n" * 20)
    (place / "itself").symlink_to(place / "itself")
    with (place / "huge").open("wb") as file:
        file.truncate(1 << 40)
    shutil.copyfile(REPOSITORY / "configs/quick.yaml", place / "quick.yaml")
    (place / "store").mkdir()
    shutil.copyfile(RECORDED_STORE, place / "store" / "metadata.db")
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(place.parent.parent / "compiled.yaml", place / "compiled.yaml")
