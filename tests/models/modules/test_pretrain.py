from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_hub as hub

from models.modules.pretrain import main, turned

Shards = dict[str, list[str]]


def test_turns_each_image_by_its_own_quarters() -> None:
    images = np.random.default_rng(0).random((5, 28, 28, 1), np.float32)
    turns = [3, 0, 1, 2, 1]
    found = turned(tf.constant(images), tf.constant(turns)).numpy()
    wanted = [np.rot90(image, quarters) for image, quarters in zip(images, turns, strict=True)]
    assert np.array_equal(found, wanted)


@pytest.mark.slow
@pytest.mark.extended
def test_writes_a_module(
    shards: Shards, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "encoder"
    assert main([str(output), *shards["train"], "--epochs", "1"]) == 0
    assert hub.KerasLayer(str(output))(tf.zeros([2, 28, 28, 1])).shape == (2, 128)
    report = capsys.readouterr().out
    assert report.startswith(f"wrote {output}: 1 epochs of 300 images, seed 0, ")


def test_never_writes_over_a_module(
    shards: Shards, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path), *shards["train"]])
    assert f"{tmp_path} exists: remove it or choose another folder" in capsys.readouterr().err


def test_says_when_there_are_no_examples(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path / "encoder"), str(tmp_path / "none-*")])
    assert "No examples match" in capsys.readouterr().err
