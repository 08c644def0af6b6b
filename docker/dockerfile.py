"""A parser for the instructions that docker/Dockerfile uses, and no others. Pure.

Reference: https://docs.docker.com/reference/dockerfile
"""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

KNOWN = ("FROM", "ENV", "RUN", "WORKDIR", "COPY", "LABEL", "HEALTHCHECK", "USER", "CMD")


class DockerfileError(ValueError):
    """The file holds what this parser does not know."""


@dataclasses.dataclass(frozen=True)
class Instruction:
    """One line of a Dockerfile, continuations joined."""

    line: int
    name: str
    text: str
    """What follows the name."""

    def flags(self) -> tuple[dict[str, str], str]:
        """Leading `--name=value`, and the rest."""
        found: dict[str, str] = {}
        rest = self.text
        while match := re.match(r"--([a-z-]+)=(\S+)\s+", rest):
            found[match[1]] = match[2]
            rest = rest[match.end() :]
        return found, rest

    def pairs(self) -> dict[str, str]:
        """The `key=value` of ENV and LABEL."""
        pairs = {}
        for word in shlex.split(self.text):
            key, separator, value = word.partition("=")
            if not separator:
                raise DockerfileError(f"Line {self.line}: {self.name} wants key=value, not {word}.")
            pairs[key] = value
        return pairs

    def command(self) -> list[str]:
        """The command of RUN, CMD and HEALTHCHECK, through a shell where it is no JSON list."""
        _, text = self.flags()
        text = text.removeprefix("CMD ").strip()
        return json.loads(text) if text.startswith("[") else ["/bin/sh", "-c", text]


@dataclasses.dataclass(frozen=True)
class Stage:
    """Everything from one FROM to the next."""

    base: str
    name: str | None
    instructions: tuple[Instruction, ...]


def parse(file: Path) -> list[Stage]:
    """The stages of a Dockerfile in order.

    Raises:
      DockerfileError: an instruction is unknown, or there is none before the first FROM.
    """
    stages: list[tuple[str, str | None, list[Instruction]]] = []
    for instruction in _instructions(file.read_text()):
        if instruction.name not in KNOWN:
            raise DockerfileError(f"{file}:{instruction.line}: {instruction.name} is not known.")
        if instruction.name == "FROM":
            base, *rest = instruction.text.split()
            name = rest[1] if len(rest) == 2 and rest[0].upper() == "AS" else None
            stages.append((base, name, []))
        elif not stages:
            raise DockerfileError(f"{file}:{instruction.line}: {instruction.name} before FROM.")
        else:
            stages[-1][2].append(instruction)
    return [Stage(base, name, tuple(found)) for base, name, found in stages]


def _instructions(text: str) -> Iterator[Instruction]:
    pending, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        start = start if pending else number
        pending += line.strip()
        if pending.endswith("\\"):
            pending = pending[:-1]
            continue
        name, _, rest = pending.partition(" ")
        yield Instruction(start, name.upper(), rest.strip())
        pending = ""
