"""The answers that were worst: as a document, as pictures, and as rows of a table."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from documents import mistakes as documents
from documents.shown import cut, shown
from models.evaluation import Evaluation
from models.labels.heads import Head

LOOKED_AT = 20_000
"""Examples of the eval split among which the worst are found, so that they are soon read again."""
_SIDE, _LINE = 112, 14
"""Pixels of a picture, about, and of a line of text below it."""
_LONGEST = 80
"""Characters of a value in the table."""
KEPT, KEPT_OF_CLASS, MOST_KEPT = 60, 8, 300
"""In the document: of all, of each class beside those, and together."""
_LONGEST_KEPT = 200
"""Characters of an answer in the document."""


@dataclasses.dataclass(frozen=True)
class Mistake:
    """One example that was answered wrong, or far off."""

    place: int
    """In the order of the eval split."""
    answer: str
    label: str


def worst(head: Head, evaluation: Evaluation, most: int) -> list[Mistake]:
    """The worst answers, the worst one first; none that is right."""
    predictions, labels = evaluation.predictions[:LOOKED_AT], evaluation.labels[:LOOKED_AT]
    wrong = head.wrongness(predictions, labels)
    order = np.argsort(-wrong, kind="stable")[:most]
    return [
        Mistake(int(place), *head.told(predictions[place], labels[place]))
        for place in order
        if wrong[place] > 0
    ]


def document(head: Head, evaluation: Evaluation, split: str) -> documents.Mistakes:
    """The worst answers for whoever looks at the model later, a bounded number of them."""
    predictions, labels = evaluation.predictions[:LOOKED_AT], evaluation.labels[:LOOKED_AT]
    found = head.wrongness(predictions, labels).astype(np.float64)
    wrong = np.where(np.isfinite(predictions.reshape(len(labels), -1)).all(axis=1), found, np.inf)
    order = [int(place) for place in np.argsort(-wrong, kind="stable") if wrong[place] > 0]
    return documents.Mistakes(
        split=split,
        examples=len(labels),
        wrong=len(order),
        kind=head.kind,
        worst=tuple(
            _mistake(head, place, predictions[place], labels[place], float(wrong[place]))
            for place in (
                _with_some_of_each(order, labels) if head.kind == "classes" else order[:KEPT]
            )
        ),
    )


def _with_some_of_each(order: Sequence[int], labels: NDArray[np.int64]) -> list[int]:
    """The first places, and the first ones of each class that those have too few of."""
    kept: list[int] = []
    counts: collections.Counter[int] = collections.Counter()
    for place in order:
        label = int(labels[place])
        if len(kept) < MOST_KEPT and (len(kept) < KEPT or counts[label] < KEPT_OF_CLASS):
            kept.append(place)
            counts[label] += 1
    return kept


def _mistake(
    head: Head, place: int, prediction: Any, label: Any, wrongness: float
) -> documents.Mistake:
    answer, right = (cut(told, _LONGEST_KEPT) for told in head.told(prediction, label))
    known = wrongness if np.isfinite(wrongness) else None
    if head.kind != "classes":
        return documents.Mistake(place=place, answer=answer, label=right, wrongness=known)
    score = float(prediction[label])
    return documents.Mistake(
        place=place,
        answer=answer,
        label=right,
        wrongness=known,
        label_score=score if np.isfinite(score) else None,
    )


def pictures(mistakes: Sequence[Mistake], images: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Each image, [N, h, w, c] from 0 to 1, above what was answered and what is right."""
    height, width = images.shape[1:3]
    scale = max(1, round(_SIDE / max(height, width)))
    small = max(1, -(-max(height, width) // (4 * _SIDE)))
    size = (max(width * scale // small, _SIDE), height * scale // small)
    font = ImageFont.load_default()
    found = []
    for mistake, image in zip(mistakes, images, strict=True):
        grey = image.shape[-1] == 1
        pixels = (np.clip(image, 0, 1) * 255).round().astype(np.uint8)
        drawn = Image.fromarray(pixels[..., 0] if grey else pixels[..., :3]).convert("RGB")
        drawn = drawn.resize((width * scale // small, size[1]), Image.Resampling.NEAREST)
        sheet = Image.new("RGB", (size[0], size[1] + 2 * _LINE), "white")
        sheet.paste(drawn, (0, 0))
        pen = ImageDraw.Draw(sheet)
        for line, text in enumerate((mistake.answer, f"is {mistake.label}")):
            pen.text((2, size[1] + line * _LINE + 1), shown(text), fill="black", font=font)
        found.append(np.asarray(sheet))
    return np.stack(found)


def table(mistakes: Sequence[Mistake], records: Mapping[int, bytes], names: Sequence[str]) -> str:
    """A table in Markdown: answer, label, and the values of features.

    Args:
      records: serialized examples by place.
      names: of the features that are shown.
    """
    lines = [_row(["example", "answer", "label", *names]), _row(["---"] * (3 + len(names)))]
    for mistake in mistakes:
        example = tf.train.Example.FromString(records[mistake.place])
        values = [_value(example.features.feature.get(name)) for name in names]
        lines.append(_row([str(mistake.place), mistake.answer, mistake.label, *values]))
    return "\n".join(lines)


def _value(feature: Any) -> str:
    if feature is None:
        return ""
    kind = feature.WhichOneof("kind")
    values = getattr(feature, kind).value if kind else ()
    texts = (
        value.decode("utf-8", "replace") if isinstance(value, bytes) else f"{value:.6g}"
        for value in values
    )
    return ", ".join(texts)


def _row(cells: Sequence[str]) -> str:
    def cell(text: str) -> str:
        line = shown(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
        return line.replace("\\", "\\\\").replace("|", "\\|")

    return f"| {' | '.join(map(cell, cells))} |"
