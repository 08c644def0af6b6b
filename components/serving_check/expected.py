"""What is expected of a candidate, as its features and its label make it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

import documents.features
from components.serving_check.options import NodeOptions, Options, Signature, Sized, Tensor
from components.serving_check.reference import Reference
from documents.tolerance import NEAR
from models.declaration import Declaration
from models.features.image.kind import Image
from models.labels.kind import LabelKind

DEFAULT_OUTPUT = "probabilities"
_SPREAD = 100
"""Times its answers, at most, that the labels of a model spread."""
_ROUNDED = 0.25
"""Of the size of answers: with `parity_absolute` 2.5e-6 of it, forty times what float32 keeps. More
would be too much for the small answers of a model that has few large ones."""
_TOP = 3
"""How many of the best classes come with an image, if there are as many."""
_STRINGS = Tensor(dtype="DT_STRING", shape=(-1,))


AnyOptions = TypeVar("AnyOptions", bound=Options)


def complete(options: AnyOptions, declaration: Declaration) -> AnyOptions:
    """The options with what the declaration says wherever they say nothing."""
    known: dict[str, Any] = {"label_feature": declaration.label.name}
    if options.output == DEFAULT_OUTPUT and not options.signatures:
        options = options.model_copy(update={"output": next(iter(declaration.label.outputs))})
    if found := declaration.only_image:
        name, image = found
        known |= {
            "image_feature": name,
            "image_shape": image.shape,
            "signatures": _of_image(image, declaration.label),
        }
    else:
        known["signatures"] = _of_columns(declaration)
    missing = {key: value for key, value in known.items() if not getattr(options, key)}
    return options.model_copy(update=missing)


def sized(options: NodeOptions, reference: Reference) -> NodeOptions:
    """The options for answers as large as those of the trained model.

    A network answers parts of the spread of its labels. Where they are thousands, an answer next to
    0 is a difference of thousands, which float32 rounds at the fourth digit behind the point; where
    they are millionths, everything is next to everything. Where all are near one another and far
    from 0, as longitudes of one town are, a share of them is more than the difference of two.
    """
    if reference.described is None or reference.described.label.kind != "number":
        return options
    answers = reference.probabilities.astype(np.float64)
    size = float(np.sqrt(np.mean(np.square(answers))))
    # A model that learned little answers less than its labels spread.
    magnitude = max(1.0, _ROUNDED * size) if size > 1 else min(1.0, _SPREAD * size)
    if not 0 < magnitude < math.inf:
        return options
    middle = float((answers.max() + answers.min()) / 2)
    spread = float((answers.max() - answers.min()) / 2)
    near = abs(middle) > NEAR * spread
    return Sized.model_validate(
        {
            **dict(options),
            "magnitude": magnitude,
            "around_value": middle if near else 0.0,
            "spread": spread,
        }
    )


def _of_columns(declaration: Declaration) -> dict[str, Signature]:
    label, used = declaration.label, declaration.used
    served = [kind.served(name, alone=False) for name, kind in used.items()]
    images = {name: kind.shape for name, kind in used.items() if isinstance(kind, Image)}
    outputs, answer = _expected(label.outputs), _expected(label.answer)
    default = Signature(
        feed="columns",
        images=images,
        inputs={item.name: Tensor(dtype=item.dtype, shape=item.shape) for item in served},
        outputs=outputs,
        defaults={name: kind.default for name, kind in used.items() if kind.default is not None},
    )
    examples = Signature(
        feed="example", images=images, inputs={"examples": _STRINGS}, outputs=answer, defaults={}
    )
    if answer == outputs:
        return {"serving_default": default, "examples": examples}
    columns = default.model_copy(update={"outputs": answer})
    return {"serving_default": default, "columns": columns, "examples": examples}


def _expected(tensors: Mapping[str, documents.features.Tensor]) -> dict[str, Tensor]:
    return {
        name: Tensor(dtype=tensor.dtype, shape=tensor.shape) for name, tensor in tensors.items()
    }


def _of_image(image: Image, label: LabelKind) -> dict[str, Signature]:
    outputs, answer = _expected(label.outputs), _expected(label.answer)
    best = (-1, min(_TOP, len(label.names or ())))
    top = {
        "top_labels": Tensor(dtype="DT_STRING", shape=best),
        "top_scores": Tensor(dtype="DT_FLOAT", shape=best),
    }
    return {
        "serving_default": Signature(
            feed="pixels",
            inputs={"images": Tensor(dtype="DT_UINT8", shape=(-1, *image.shape))},
            outputs=outputs,
            defaults={},
        ),
        "image_bytes": Signature(
            feed="png",
            inputs={"image_bytes": _STRINGS},
            outputs=answer | top if label.kind == "classes" else answer,
            defaults={},
        ),
        "examples": Signature(
            feed="example", inputs={"examples": _STRINGS}, outputs=answer, defaults={}
        ),
    }
