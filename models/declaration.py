"""Features and a label: what a data set is, as the settings declare it. Without TensorFlow."""

from __future__ import annotations

import re
from typing import Annotated, Any

import pydantic

from documents.settings.section import Section, short_repr
from models.features.category.kind import Category
from models.features.date.kind import Date
from models.features.ignore.kind import Ignore
from models.features.image.kind import Image
from models.features.kind import FeatureKind
from models.features.number.kind import Number
from models.features.text.kind import Text
from models.features.time.kind import Time
from models.labels.classes.kind import Classes
from models.labels.number.kind import NumberLabel
from models.labels.tags.kind import Tags
from models.module_settings import HubSettings

Feature = Annotated[
    Number | Category | Date | Time | Image | Text | Ignore, pydantic.Field(discriminator="kind")
]
"""The registry of kinds of features."""
Label = Annotated[Classes | NumberLabel | Tags, pydantic.Field(discriminator="kind")]
"""The registry of kinds of labels."""

_CONTROL = re.compile("[\x00-\x1f\x7f]")
LONGEST_NAME = 200
RESERVED = ("numbers_", "words_", "texts_")
"""What the transform graph gives beside images and the label."""
_FED = "examples"
"""The input of the signature that is evaluated: TFMA feeds a column of that name in its place."""
_OF_PYTHON = "self"
"""No function that TensorFlow saves takes an input of that name."""


def name_problem(name: str) -> str | None:
    """Why no column that is learned from may be called so; None where one may."""
    if not name or len(name) > LONGEST_NAME or _CONTROL.search(name):
        return (
            f"{name[:40]!r} names no column: 1 to {LONGEST_NAME} characters are allowed, no control"
            " characters; rename it"
        )
    if name in RESERVED:
        return f"{name!r} is a name of the transform graph; rename the column"
    if name == _FED:
        return f"{name!r} is the input of a signature; rename the column"
    if name == _OF_PYTHON:
        return f"{name!r} is no name that TensorFlow saves an input under; rename the column"
    return None


class Declaration(Section):
    """The features by name, in the order in which they are served, and the label."""

    features: dict[str, Feature] = pydantic.Field(min_length=1, max_length=10_000)
    label: Label

    @pydantic.model_validator(mode="after")
    def _columns_are_told_apart(self) -> Declaration:
        for name in self.used:
            if problem := name_problem(name):
                raise ValueError(f"{problem}, or make it {{kind: ignore}}")
        if problem := name_problem(self.label.name):
            raise ValueError(problem)
        if self.label.name in self.features:
            raise ValueError(f"{short_repr(self.label.name)} is the label, so it can be no feature")
        if isinstance(self.label, Tags) and (both := self.label.flags.keys() & self.used.keys()):
            raise ValueError(
                f"{short_repr(min(both))} is one of label.flags, so it can be no feature; make it"
                " {kind: ignore}"
            )
        computed = self.label.columns if self.label.computed else ()
        if computed and self.used.keys() >= {*computed}:
            raise ValueError(
                f"{short_repr(self.label.name)} is computed of features alone"
                f" ({', '.join(map(short_repr, computed))}), so a model would be told what it is"
                " asked for; make one of them {kind: ignore}"
            )
        if not self.used:
            raise ValueError("all features are ignored; declare one that is not")
        return self

    @property
    def used(self) -> dict[str, FeatureKind]:
        """The features that examples hold, by name."""
        return {name: kind for name, kind in self.features.items() if kind.STORED}

    @property
    def of_examples(self) -> str:
        """As JSON what examples depend on: who makes them is told no more, lest an edit of the rest
        makes them anew."""
        learned = {name: {*kind.LEARNED} for name, kind in self.features.items()}
        return self.model_dump_json(exclude={"features": learned})

    @property
    def of_preprocessing(self) -> str:
        """As JSON what the transform graph depends on; of the module of a text that is its handle,
        and nothing of one of an image."""
        ours = {*HubSettings.model_fields} - {"handle"}
        modules: dict[str, Any] = {
            name: {"module": ours} if isinstance(kind, Text) else {"module"}
            for name, kind in self.used.items()
            if isinstance(kind, Image) or name in self.modules
        }
        return self.model_dump_json(exclude={"features": modules})

    @property
    def images(self) -> dict[str, Image]:
        """The images that examples hold, by name."""
        return {name: kind for name, kind in self.used.items() if isinstance(kind, Image)}

    @property
    def modules(self) -> dict[str, HubSettings]:
        """Modules that images and texts have for themselves, by the name of the feature."""
        able = {name: kind for name, kind in self.used.items() if isinstance(kind, Image | Text)}
        return {name: kind.module for name, kind in able.items() if kind.module}

    @property
    def only_image(self) -> tuple[str, Image] | None:
        """The one feature that examples hold, with its name, where that is an image."""
        [(name, kind), *others] = self.used.items()
        return (name, kind) if isinstance(kind, Image) and not others else None
