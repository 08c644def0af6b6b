"""Settings and images of ExampleGen's tests."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from models.declaration import Declaration

PHOTOS = Declaration.model_validate(
    {
        "features": {"photo": {"kind": "image", "size": [4, 3]}},
        "label": {"name": "animal", "kind": "classes", "values": ["cat", "dög"]},
    }
)


def png(seed: int, size=(4, 3)) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, size, np.uint8)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()
