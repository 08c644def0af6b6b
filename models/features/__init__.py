"""Names, shapes and classes of the data; imports nothing, so that every part may use it."""

from __future__ import annotations

from typing import Final

IMAGE: Final = "image"
"""Feature of an example: one bytes value, the row-major uint8 pixels of one image."""
LABEL: Final = "label"
"""Feature of an example: one int64 value, an index into LABELS."""

HEIGHT: Final = 28
WIDTH: Final = 28
PIXELS: Final = HEIGHT * WIDTH

LABELS: Final = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
"""The official classes in label order: https://github.com/zalandoresearch/fashion-mnist#labels."""
