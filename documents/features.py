"""`features.json`: what a model takes and answers, for whoever asks it and whoever looks at it."""

from __future__ import annotations

from typing import Any, ClassVar

import pydantic

from documents.document import Document, Part, Text
from documents.predict_request import PredictRequest


class Tensor(Part):
    """A tensor as it is served."""

    dtype: str
    """TensorFlow's name, e.g. DT_FLOAT."""
    shape: tuple[int, ...]
    """-1 first is the batch; -1 elsewhere leaves the size open."""


class Input(Tensor):
    """How a feature is given to `serving_default`."""

    name: str
    missing: str | None = None
    """How a missing value is written: `NaN`, or an empty text; None where there may be none."""


class Seen(Part):
    """What the train split holds of a feature, for whoever is to type a value of it."""

    low: float | str | None = None
    """All but the least and the greatest hundredth lie between: numbers, or dates as texts."""
    high: float | str | None = None
    whole: bool = False
    """Whether all numbers are whole, or all dates without a time of day."""
    values: tuple[Text, ...] = ()
    """The most frequent categories, the most frequent one first."""


class Feature(Part):
    """A feature as the settings declare it."""

    name: Text
    kind: str
    options: dict[str, Any] = pydantic.Field({})
    """What else the settings say of it."""
    input: Input | None = None
    """None for a column that is left out."""
    default: Any = None
    """What a request may leave out; None where it may not."""
    seen: Seen | None = None
    """None where nobody looked."""


class Label(Part):
    """What is answered."""

    name: Text
    kind: str
    options: dict[str, Any] = pydantic.Field({})
    values: tuple[str, ...] | None = None
    """Classes or tags in the order of the outputs."""
    outputs: dict[str, Tensor] = pydantic.Field({})
    """Of `serving_default`, by name."""
    seen: Seen | None = None
    """Of a number; None where nobody looked."""

    def moved(self, before: Label) -> str | None:
        """What a label is called now that was called otherwise, and still is a label elsewhere;
        None where none is: whoever reads an answer by its place would take one for the other."""
        old, new = before.values or (), self.values or ()
        for place, (was, name) in enumerate(zip(old, new, strict=False)):
            if was != name and (was in new or name in old):
                return f"label {place} is {name!r} and was {was!r}"
        return None


class Table(Part):
    """How files of rows are written, where that is not plain CSV."""

    delimiter: str = ","
    encoding: str = "utf-8"
    quote: str | None = '"'
    columns: tuple[Text, ...] | None = None
    """Names of the columns of files that have no line with them."""
    comment: str | None = None
    """What lines begin with that are none."""


class Features(Document):
    """Lies beside Examples and Model artifacts, and in `assets.extra/` of every version."""

    FILE: ClassVar[str] = "features.json"
    MEND: ClassVar[str] = "run again with --no-cache to write it"

    features: tuple[Feature, ...]
    """In the order in which they were declared."""
    label: Label
    table: Table | None = None
    """None for plain CSV, and where the data were no CSV."""
    example: PredictRequest | None = None
    """A request that can be sent as it stands."""

    @property
    def only_image(self) -> Feature | None:
        """The one feature that is served, where that is an image."""
        served = [feature for feature in self.features if feature.input]
        return served[0] if len(served) == 1 and served[0].kind == "image" else None
