"""What IDX files hold of a declaration: one image and one class. Without TensorFlow."""

from __future__ import annotations

import dataclasses

from models.declaration import Declaration
from models.features.image.kind import Image
from models.labels.classes.kind import Classes


class ColumnsError(ValueError):
    """The declaration names what IDX files do not hold; the message says what."""


@dataclasses.dataclass(frozen=True)
class Columns:
    """The two features of an example made of IDX files."""

    image_name: str
    image: Image
    label: Classes


def columns_of(declaration: Declaration) -> Columns:
    """The image and the label.

    Raises:
      ColumnsError: other features or another kind of label are declared.
    """
    found = declaration.only_image
    if found is None:
        names = ", ".join(declaration.used)
        raise ColumnsError(
            f"Setting `features` declares {names}, but IDX files hold one image and nothing else."
        )
    if not isinstance(declaration.label, Classes):
        raise ColumnsError(
            f"Setting `label.kind` = {declaration.label.kind!r} is refused: IDX files hold classes."
        )
    return Columns(*found, declaration.label)
