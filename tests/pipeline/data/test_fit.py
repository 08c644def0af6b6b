"""What the headers of the data tell before anything runs."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pytest

from components.example_gen.idx import IdxError
from components.example_gen.pair import Pair
from pipeline.data.fit import check_fit
from pipeline.settings import REPOSITORY, Settings, SettingsError, load_settings


def _settings(*overrides: str) -> Settings:
    return load_settings(REPOSITORY / "configs" / "quick.yaml", overrides)


def _pair(folder: Path, count: int, height: int = 28, width: int = 28) -> Pair:
    """A file of images of which only the header is there, and its labels."""
    folder.mkdir(exist_ok=True)
    images = folder / f"{count}-{height}-{width}.gz"
    images.write_bytes(gzip.compress(struct.pack(">HBB3I", 0, 8, 3, count, height, width)))
    return Pair(images=str(images), labels=_labels(folder, bytes(count)))


def _labels(folder: Path, values: bytes) -> str:
    path = folder / f"labels-{len(values)}-{values[-1]}"
    path.write_bytes(struct.pack(">HBBI", 0, 8, 1, len(values)) + values)
    return str(path)


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
    with pytest.raises(IdxError, match=f"of {size[0]} x {size[1]} pixels, but the settings"):
        check_fit(_settings(), pairs)


def test_a_damaged_header_is_named(tmp_path: Path):
    (tmp_path / "x").write_bytes(b"no images")
    with pytest.raises(IdxError, match=f"{tmp_path}/x has magic"):
        check_fit(_settings(), {"train": Pair(str(tmp_path / "x"), ""), "test": Pair("", "")})


def test_labels_are_looked_at_before_anything_runs(tmp_path: Path):
    pair = _pair(tmp_path, 1_000)
    letters = Pair(pair.images, _labels(tmp_path, bytes(999) + b"\x1a"))
    with pytest.raises(
        IdxError, match=r"has label 26 at index 999, but label\.values name 0-9; correct it"
    ):
        check_fit(_settings(), {"train": letters, "test": _pair(tmp_path, 1)})
    short = Pair(pair.images, _labels(tmp_path, bytes(999)))
    with pytest.raises(IdxError, match=r"holds 1000 images, but .* holds 999 labels; take both"):
        check_fit(_settings(), {"train": pair, "test": short})


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("features.fare={kind: number}", "declares image, fare, but IDX files hold one image"),
        ("features.image={kind: number}", "declares image, but IDX files hold one image"),
        (
            "label={name: price, kind: number}",
            r"`label\.kind` = 'number' is refused: IDX files hold",
        ),
    ],
)
def test_what_idx_files_do_not_hold_is_refused(tmp_path: Path, override: str, said: str):
    with pytest.raises(SettingsError, match=said):
        check_fit(_settings(override), {"train": _pair(tmp_path, 1_000)})
