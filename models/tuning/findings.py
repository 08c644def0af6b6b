"""What a search found, in a document and a sentence. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from documents.terminal.counted import counted
from documents.tuning import STOPPED, Confirmation, Dimension, Repeat, Trial, Tuning
from models.tuning.confirmation import confirm
from models.tuning.proposals import ranked


def findings(
    dimensions: Sequence[Dimension],
    trials: Sequence[Trial],
    repeats: Sequence[Repeat],
    seeds: Sequence[int],
    *,
    metric: str,
    higher_is_better: bool,
    examples: int,
    ended: Any,
) -> Tuning:
    """The document of a search with at least trial 0."""
    order = ranked(trials, higher_is_better)
    best = order[0] if order else None
    confirmation = None
    if best is not None and best.number:
        confirmation = confirm(repeats, best.number, seeds, higher_is_better=higher_is_better)
    better = best is not None and confirmation is not None and confirmation.better
    return Tuning(
        format=Tuning.FORMAT,
        metric=metric,
        higher_is_better=higher_is_better,
        examples=examples,
        dimensions=tuple(dimensions),
        trials=tuple(trials),
        repeats=tuple(repeats),
        best=best.number if best else None,
        confirmation=confirmation,
        proposal=changes(trials, best.number) if best and better else {},
        ended=ended,
        seconds=round(sum(t.seconds for t in trials) + sum(r.seconds for r in repeats), 3),
        headline=_headline(metric, trials, best, confirmation),
    )


def changes(trials: Sequence[Trial], number: int) -> dict[str, Any]:
    """The settings of a trial that differ from those of trial 0."""
    before = trials[0].values
    return {key: value for key, value in trials[number].values.items() if value != before.get(key)}


def told(values: Mapping[str, Any]) -> str:
    """`learning_rate 0.004, widths [64, 64]`."""
    return ", ".join(f"{key.rpartition('.')[2]} {value}" for key, value in values.items())


def _headline(
    metric: str,
    trials: Sequence[Trial],
    best: Trial | None,
    confirmation: Confirmation | None,
) -> str:
    if best is None:
        return "Nothing was found: no trial came to its end."
    count = counted(len(trials), "trial")
    stopped = sum(trial.state == STOPPED for trial in trials)
    aside = f", {stopped} of them stopped early," if stopped else ""
    if not best.number:
        return (
            f"Nothing better was found: of {count}{aside.rstrip(',')}, none has more than the"
            f" settings as they are, {metric} {best.value:.4f}."
            if len(trials) > 1
            else f"Nothing was compared: there was time for the settings as they are only, {metric}"
            f" {best.value:.4f}; give more with --minutes, and the search goes on."
        )
    if confirmation is None:
        return (
            f"Nothing is proposed: trial {best.number} of {count}{aside} has {metric}"
            f" {best.value:.4f} where the settings as they are have {trials[0].value or 0:.4f}, but"
            " it was not confirmed by seeds of its own; give more with --minutes, and the search"
            " goes on."
        )
    means = [sum(each) / len(each) for each in (confirmation.best, confirmation.default)]
    over = (
        f"{metric} {means[0]:.4f} over {len(confirmation.seeds)} seeds where the settings as they"
        f" are have {means[1]:.4f}, and seeds alone make ±{confirmation.noise:.4f}"
    )
    if confirmation.better:
        return f"Trial {best.number} of {count}{aside} is better: {over}."
    which = f"the best of {count}{aside or ','} number {best.number}"
    return f"Nothing better was found: {which}, has {over}."
