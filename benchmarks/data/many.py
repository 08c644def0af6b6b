"""JPEG files of 32 x 32 pixels in ten folders, no two alike.

python -m benchmarks.data.many FOLDER COUNT
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image


def main(folder: Path, count: int) -> None:
    random = np.random.default_rng(0)
    for number in range(count):
        place = folder / f"class {number % 10}"
        if number < 10:
            place.mkdir(parents=True)
        file = io.BytesIO()
        pixels = random.integers(0, 256, (32, 32), np.uint8)
        Image.fromarray(pixels).save(file, "JPEG", quality=50)
        (place / f"{number}.jpg").write_bytes(file.getvalue())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
