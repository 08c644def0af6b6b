"""How an answer reads: bars for classes and tags, a number, or what the model said as it is."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from documents.features import Label
from documents.figure import amount
from documents.shown import cut, shown, shown_lines

LONGEST = 4_000
"""Characters of an answer that is shown as it is."""
NO_TAG = "no tag"
_LONGEST_IN_LINE = 200
"""Characters of one in a line."""
_THRESHOLD = 0.5


@dataclasses.dataclass(frozen=True)
class Score:
    """One bar."""

    label: str
    score: float
    """0 to 1."""
    chosen: bool
    """Whether it is the answer, or a part of it."""


@dataclasses.dataclass(frozen=True)
class Reading:
    """An answer for people."""

    headline: str
    scores: tuple[Score, ...] = ()
    text: str = ""
    """What does not go into bars."""

    @property
    def named(self) -> tuple[str, float] | None:
        """The class with its score, or the tags with that of the least likely of them (where there
        is none, how likely it is that the likeliest is not there); None without bars."""
        chosen = [bar for bar in self.scores if bar.chosen]
        if not self.scores:
            return None
        if not chosen:
            return self.headline, 1 - max(bar.score for bar in self.scores)
        return ", ".join(bar.label for bar in chosen), min(bar.score for bar in chosen)


def read_answer(answer: Any, label: Label | None, names: Sequence[str] = ()) -> Reading:
    """Reads the prediction for one instance, as REST has it in row format.

    Args:
      answer: a value, or values by output.
      label: what is answered; None for a model of somebody else.
      names: of the classes, where there is no label to name them.
    """
    outputs = answer if isinstance(answer, Mapping) else {}
    scores = outputs.get("probabilities", None if outputs else answer)
    if _is_number(scores) or (label and label.kind == "number"):
        return _number(outputs.get("prediction", scores), label, answer)
    if not _are_scores(scores):
        return _number(outputs.get("prediction"), label, answer)
    known = label.values if label and label.values else names
    if len(known) != len(scores):
        known = [f"label {index}" for index in range(len(scores))]
    if label and label.kind == "tags":
        return _tags(known, scores, label)
    best = max(range(len(scores)), key=scores.__getitem__)
    chosen, score = _said(outputs) or (known[best], scores[best])
    bars = zip(known, scores, range(len(scores)), strict=True)
    return Reading(
        f"{shown(chosen)}, score {score:.3f}",
        tuple(Score(shown(name), found, index == best) for name, found, index in bars),
    )


def one_line(answer: Any, label: Label | None) -> tuple[str, float | None]:
    """An answer for one line of a terminal, and its score where it has one.

    Args:
      answer: as for `read_answer`.
      label: as for `read_answer`.
    """
    outputs = named_outputs(answer)
    named = _said(outputs) or (read_answer(answer, label).named if label else None)
    if named:
        return shown(named[0]), named[1]
    tags = outputs.get("tags")
    if isinstance(tags, str):
        return shown(tags) or NO_TAG, None
    value = outputs.get("prediction", outputs.get("probabilities"))
    if value is None and len(outputs) == 1:
        [value] = outputs.values()
    if isinstance(value, list) and value and all(map(_is_finite, value)):
        best = max(range(len(value)), key=value.__getitem__)
        return str(best), value[best]
    return cut(_plain(answer if value is None else value), _LONGEST_IN_LINE), None


def named_outputs(answer: Any) -> Mapping[str, Any]:
    """The values by output; a single one, bytes too, has no name and is called `output`."""
    if isinstance(answer, Mapping) and answer.keys() != {"b64"}:
        return answer
    return {"output": answer}


def record(name: str, answer: Any) -> dict[str, Any]:
    """One JSON object for a script: what was asked about as `input`, and each output by its name.

    Where an output is itself called `input`, all of them stand in an object `outputs`.
    """
    outputs = json_safe(named_outputs(answer))
    return {"input": name, **({"outputs": outputs} if "input" in outputs else outputs)}


def json_safe(value: Any) -> Any:
    """With NaN and infinities, which JSON has no numbers for, as the texts `NaN`, `Infinity` and
    `-Infinity`, which most languages read back as numbers."""
    if isinstance(value, Mapping):
        return {key: json_safe(found) for key, found in value.items()}
    if isinstance(value, list):
        return [json_safe(found) for found in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return amount(value)
    return shown(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _said(outputs: Mapping[str, Any]) -> tuple[str, float] | None:
    """The label and the score that a model names itself."""
    label, score = outputs.get("label"), outputs.get("score")
    if isinstance(label, str) and isinstance(score, int | float) and _is_number(score):
        return label, score
    return None


def _tags(names: Sequence[str], scores: Sequence[float], label: Label) -> Reading:
    """Every tag whose probability reaches the threshold."""
    threshold = label.options.get("threshold")
    least = float(threshold) if isinstance(threshold, int | float) else _THRESHOLD
    bars = tuple(
        Score(shown(name), score, score >= least) for name, score in zip(names, scores, strict=True)
    )
    found = [bar.label for bar in bars if bar.chosen]
    return Reading(", ".join(found) or NO_TAG, bars)


def _number(value: Any, label: Label | None, answer: Any) -> Reading:
    if not _is_number(value):
        text = json.dumps(answer, indent=1, ensure_ascii=False)
        return Reading("The model's answer", text=shown_lines(text[:LONGEST]))
    return Reading(f"{shown(label.name)} = {amount(value)}" if label else f"{amount(value)}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_finite(value: Any) -> bool:
    return _is_number(value) and math.isfinite(value)


def _are_scores(value: Any) -> bool:
    """Whether it is a list of numbers from 0 to 1, which bars can show."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(_is_number(item) and 0 <= item <= 1 for item in value)
    )
