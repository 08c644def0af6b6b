"""What is no image file is refused, whatever it holds."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from models.features.image.files import image_files
from models.features.image.foreign_files import foreign_files
from models.features.image.pictures import pixels_if_any
from models.features.image.png import png

FILE = png(np.arange(784, dtype=np.uint8).reshape(28, 28))
FILES = dict(foreign_files(FILE))


@pytest.mark.parametrize("name", FILES)
def test_none_of_them_is_read(name):
    assert pixels_if_any(FILE, 28, 28, 1) is not None
    assert pixels_if_any(FILES[name], 28, 28, 1) is None


def test_they_begin_as_programs_know_them():
    assert FILES["HEIC, as telephones take photos"][4:12] == b"ftypheic"
    assert len({file[:16] for file in FILES.values()}) == len(FILES)
    assert FILES["an icon"].endswith(FILE)
    assert base64.b64decode(FILES["a PNG in base64"]) == FILE


@pytest.mark.medium
def test_models_are_asked_about_them():
    images = np.random.default_rng(0).integers(0, 256, (4, 28, 28), np.uint8)
    assert {*FILES} <= {name for name, _ in image_files(images)}
