"""What a search proposes, as a diff of the settings file and as options of a command."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from documents.regular_file import regular_file
from documents.writer import replace
from pipeline.settings import SettingsError, load_settings
from pipeline.tune.edit import EditError, edited, unified_diff, written


@dataclasses.dataclass(frozen=True)
class Proposal:
    """Settings that a search would change, and how."""

    settings: Mapping[str, Any]
    """By dotted key; empty where nothing better was found."""
    config: Path
    diff: str = ""
    """Of the settings file, as `diff -u` has it."""
    reason: str | None = None
    """Why there is no diff, the end of a sentence."""
    is_written: bool = False

    @property
    def options(self) -> tuple[str, ...]:
        """For a command line."""
        return tuple(
            f"--set {shlex.quote(f'{key}={written(value)}')}"
            for key, value in self.settings.items()
        )


def propose(settings: Mapping[str, Any], config: Path, overrides: Sequence[str]) -> Proposal:
    """The proposal for a settings file, which is read and not changed.

    Args:
      settings: what is proposed, by dotted key.
      config: the file.
      overrides: of the command line, which count beside what the file says.
    """
    if not settings:
        return Proposal(settings, config)
    clash = sorted({override.partition("=")[0].strip() for override in overrides} & {*settings})
    if clash:
        return Proposal(
            settings, config, reason=f"--set {clash[0]} of this command does not stand in it"
        )
    try:
        before = _read(config)
        after = edited(before, settings)
    except (EditError, OSError, ValueError) as error:
        return Proposal(settings, config, reason=str(error))
    return Proposal(settings, config, unified_diff(before, after, os.fspath(config)))


def write(proposal: Proposal) -> Proposal:
    """Changes the settings file, in one step, and reads it again.

    Raises:
      SettingsError: it cannot be written, or what came of it is refused; then it is as it was.
    """
    path = proposal.config.resolve()
    try:
        before = _read(path)
        text = edited(before, proposal.settings)
        mode = path.stat().st_mode & 0o777
        replace(str(path), text.encode())
        path.chmod(mode)
    except (EditError, OSError, ValueError) as error:
        raise SettingsError(
            f"--write: {proposal.config} is not changed, as {error}; change it by hand."
        ) from error
    try:
        load_settings(path)
    except SettingsError:
        replace(str(path), before.encode())
        raise
    return dataclasses.replace(proposal, is_written=True)


def _read(path: Path) -> str:
    with regular_file(path) as file:
        return file.read().decode()
