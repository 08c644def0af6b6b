"""What the headers of the data tell before anything runs."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pytest

from components.example_gen.idx import IdxError
from components.example_gen.pair import Pair
from pipeline.data_fit import check_fit
from pipeline.dataset import DatasetError
from pipeline.settings import REPOSITORY, Settings, SettingsError, load_settings


def _settings(*overrides: str) -> Settings:
    return load_settings(REPOSITORY / "configs" / "quick.yaml", overrides)


def _pair(folder: Path, count: int, height: int = 28, width: int = 28) -> Pair:
    """A file of images of which only the header is there."""
    folder.mkdir(exist_ok=True)
    images = folder / f"{count}-{height}-{width}.gz"
    images.write_bytes(gzip.compress(struct.pack(">HBB3I", 0, 8, 3, count, height, width)))
    return Pair(images=str(images), labels="")


def test_data_that_fit_are_taken(tmp_path: Path):
    pairs = {"train": _pair(tmp_path, 464), "test": _pair(tmp_path, 1)}
    check_fit(_settings("data.eval_examples=400", "training.batch_size=64"), pairs)


def test_a_batch_is_no_larger_than_the_training_examples(tmp_path: Path):
    pairs = {"train": _pair(tmp_path, 463), "test": _pair(tmp_path, 1)}
    with pytest.raises(SettingsError, match=r"`training\.batch_size` = 64 is more than the 63 "):
        check_fit(_settings("data.eval_examples=400", "training.batch_size=64"), pairs)


@pytest.mark.parametrize("count", [256, 400])
def test_something_is_left_to_train_on(tmp_path: Path, count: int):
    pairs = {"train": _pair(tmp_path, count), "test": _pair(tmp_path, 1)}
    with pytest.raises(SettingsError, match=r"`data\.eval_examples` = 400 leaves nothing to train"):
        check_fit(_settings("data.eval_examples=400"), pairs)


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("size", [(32, 32), (28, 27), (1, 784)])
def test_images_of_another_size_are_named(tmp_path: Path, split: str, size: tuple[int, int]):
    pairs = {"train": _pair(tmp_path, 1_000), "test": _pair(tmp_path, 1)}
    pairs[split] = _pair(tmp_path, 1_000, *size)
    with pytest.raises(DatasetError, match=f"of {size[0]} x {size[1]} pixels, but the model"):
        check_fit(_settings(), pairs)


def test_a_damaged_header_is_named(tmp_path: Path):
    (tmp_path / "x").write_bytes(b"no images")
    with pytest.raises(IdxError, match=f"{tmp_path}/x has magic"):
        check_fit(_settings(), {"train": Pair(str(tmp_path / "x"), ""), "test": Pair("", "")})
