"""What the command says of a search at its end."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from documents.terminal.counted import counted
from documents.terminal.short_path import short_path
from documents.tuning import FAILED, STOPPED, Trial, Tuning
from pipeline.tune.proposal import Proposal

_MOST = 5
"""Trials that are listed; the page has all of them."""


def as_json(found: Tuning, proposal: Proposal, page: str) -> dict[str, Any]:
    """For scripts: the document, and what is proposed."""
    return {
        **found.as_dict(),
        "proposal": dict(proposal.settings),
        "options": list(proposal.options),
        "diff": proposal.diff or None,
        "written": str(proposal.config) if proposal.is_written else None,
        "page": page,
    }


def lines(
    found: Tuning, proposal: Proposal, page: str, command: Sequence[str], run: str
) -> Iterator[str]:
    """For people: what was tried, what was found, what to do next.

    Args:
      found: by the search.
      proposal: that came of it.
      page: that has all of it.
      command: the command line itself, which writes with one more option.
      run: a command line that makes a model with what is proposed.
    """
    examples = counted(found.examples, "example")
    yield f"  {'decided by':<15}{found.metric} on {examples} of the eval split"
    count = {state: sum(t.state == state for t in found.trials) for state in (STOPPED, FAILED)}
    more = "".join(
        f", {number} {word}"
        for number, word in ((count[STOPPED], "stopped early"), (count[FAILED], "failed"))
        if number
    )
    yield f"  {'trials':<15}{len(found.trials)}{more}, {found.seconds:.0f} s of trainings"
    yield f"  {'page':<15}{short_path(page)}"
    yield ""
    yield from _table(found)
    yield ""
    yield found.headline
    if not proposal.settings:
        return
    yield ""
    if proposal.is_written:
        yield f"Changed {short_path(proposal.config)}:"
        yield ""
    if proposal.diff:
        yield from proposal.diff.rstrip("\n").split("\n")
    elif proposal.reason:
        yield f"There is no diff of {short_path(proposal.config)}: {proposal.reason}."
    yield ""
    if not proposal.is_written:
        if proposal.diff:
            yield f"  {shlex.join([*command, '--write'])}"
        yield f"  {run}"


def _table(found: Tuning) -> Iterator[str]:
    """The best trials and the settings as they are, with what tells them apart."""
    sign = -1 if found.higher_is_better else 1
    done = [trial for trial in found.trials if trial.state == "done" and trial.value is not None]
    best = sorted(done, key=lambda trial: (sign * (trial.value or 0.0), trial.number))[:_MOST]
    if 0 not in {trial.number for trial in best}:
        best += [trial for trial in done if trial.number == 0]
    header = ["trial", found.metric, *(_short(each.key) for each in found.dimensions)]
    rows = [header, *(_row(found, trial) for trial in best)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()


def _row(found: Tuning, trial: Trial) -> list[str]:
    values = [_value(trial.values.get(each.key)) for each in found.dimensions]
    return [str(trial.number), f"{trial.value or 0:.4f}", *values]


def _value(value: Any) -> str:
    return "usual" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


def _short(key: str) -> str:
    return key.rpartition(".")[2]
