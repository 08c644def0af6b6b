from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from benchmarks.models.measures.photos import SETTINGS
from benchmarks.models.photos import write
from pipeline.settings import load_settings


@pytest.mark.medium
def test_photos_of_five_classes_three_sizes_and_three_formats(tmp_path: Path) -> None:
    write(tmp_path, 30)
    found = {path: Image.open(path) for path in tmp_path.glob("*/*")}
    assert len(found) == 30
    assert len({path.parent.name for path in found}) == 5
    assert len({image.size for image in found.values()}) == 3
    assert {image.format for image in found.values()} == {"JPEG", "PNG", "WEBP"}


def test_settings_ask_the_module_once(tmp_path: Path) -> None:
    config = tmp_path / "photos.yaml"
    config.write_text(SETTINGS.replace("FOLDER", str(tmp_path)).replace("MODULE", "module"))
    settings = load_settings(config)
    assert settings.hub
    assert not settings.hub.trainable
    # Unless somebody asks for other images in each epoch.
    assert settings.training.augment is False
    assert load_settings(config, ["training.augment=true"]).training.augment is True
    assert load_settings(config, ["hub.trainable=true"]).training.augment is True
