"""From the Tuner's artifact to what is told, and to a changed settings file where that is asked."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from documents.terminal.short_path import short_path
from documents.tuning import Tuning
from pipeline.settings import SettingsError
from pipeline.tune.options import TuneOptions
from pipeline.tune.proposal import propose, write
from pipeline.tune.report import as_json, lines
from serving.base_path import storage


def conclude(
    tune: TuneOptions,
    folder: str,
    config: Path,
    overrides: Sequence[str],
    command: Sequence[str],
    root: str,
) -> tuple[dict[str, Any], list[str]]:
    """What a finished search found, for scripts and for people.

    Args:
      tune: what it was given.
      folder: the Tuner's artifact, a folder or an address.
      config: the settings file.
      overrides: of the command line.
      command: the command line itself.
      root: of the run that would come next.

    Raises:
      SettingsError: the settings file was to be changed, and cannot be.
    """
    found = storage.read_document(Tuning, f"{folder}/{Tuning.FILE}")
    if found is None:
        raise SettingsError(f"{folder}/{Tuning.FILE} is gone; {Tuning.MEND}.")
    proposal = propose(found.proposal, config, overrides)
    if tune.write and proposal.settings:
        if proposal.reason:
            raise SettingsError(
                f"--write: {config} is not changed, as {proposal.reason}; change it by hand:"
                f" {' '.join(proposal.options)}."
            )
        proposal = write(proposal)
    page = f"{folder}/{Tuning.PAGE}"
    places = ["--config", short_path(config), "--root", short_path(root)]
    overridden = [part for override in overrides for part in ("--set", override)]
    run = f"{shlex.join([*command[:2], *places, *overridden])} {' '.join(proposal.options)}"
    return as_json(found, proposal, page), [*lines(found, proposal, page, command, run)]
