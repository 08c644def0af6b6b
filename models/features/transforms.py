"""The registry of transforms: what each kind makes of a feature, in TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.features.category.transform import transform as category
from models.features.date.transform import transform as date
from models.features.image.transform import transform as image
from models.features.number.transform import transform as number
from models.features.parts import Parts
from models.features.text.transform import transform as text
from models.features.time.transform import transform as time

TRANSFORMS: dict[str, Callable[[Any, str, Any], Parts]] = {
    "category": category,
    "date": date,
    "image": image,
    "number": number,
    "text": text,
    "time": time,
}
