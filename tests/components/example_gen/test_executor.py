from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tfx.types import artifact_utils, standard_artifacts
from tfx.utils import proto_utils

from components.example_gen import idx, inputs
from components.example_gen.executor import ExampleGenError, Executor
from documents.features import Features
from documents.reader import parse
from models.description import describe
from tests.components.example_gen.declared import DECLARATION


def run(data: Path, output: Path, **properties: int) -> standard_artifacts.Examples:
    examples = standard_artifacts.Examples()
    examples.uri = str(output)
    exec_properties: dict[str, Any] = {
        "input_base": str(data),
        "input_config": proto_utils.proto_to_json(inputs.default_input_config()),
        "eval_examples": 5,
        "shards": 2,
        "declaration": DECLARATION.model_dump_json(),
        **properties,
    }
    Executor().Do({}, {"examples": [examples]}, exec_properties)
    return examples


def read_split(examples: standard_artifacts.Examples, split: str) -> list[tuple[bytes, int]]:
    """(pixels, label) of every example of a split, in the order of its shards."""
    folder = Path(artifact_utils.get_split_uri([examples], split))
    parsed = []
    for record in tf.data.TFRecordDataset(sorted(map(str, folder.iterdir()))):
        features = tf.train.Example.FromString(record.numpy()).features.feature
        parsed.append(
            (features["image"].bytes_list.value[0], features["label"].int64_list.value[0])
        )
    return parsed


def pixels(path: Path) -> list[bytes]:
    with path.open("rb") as stream:
        reader = idx.IdxReader(stream, str(path), dimensions=3)
        return [image.tobytes() for batch in reader.batches(0, reader.shape[0]) for image in batch]


def test_every_image_is_written_once_in_order_with_its_label(
    tmp_path: Path, write_folder: Callable[..., Path]
):
    data = write_folder(tmp_path / "data")
    examples = run(data, tmp_path / "out")
    train, held_out, test = (read_split(examples, split) for split in ("train", "eval", "test"))
    assert (len(train), len(held_out), len(test)) == (25, 5, 10)
    official = pixels(data / "train-images-idx3-ubyte.gz")
    assert train + held_out == [(image, index % 10) for index, image in enumerate(official)]
    assert [image for image, _ in test] == pixels(data / "t10k-images-idx3-ubyte.gz")


def test_the_artifact_describes_itself(tmp_path: Path, write_folder: Callable[..., Path]):
    data = write_folder(tmp_path / "data")
    examples = run(data, tmp_path / "out")
    patterns = {split.name: split.pattern for split in inputs.default_input_config().splits}
    assert artifact_utils.decode_split_names(examples.split_names) == ["train", "eval", "test"]
    assert [
        examples.get_int_custom_property(f"examples_{split}") for split in ("train", "eval", "test")
    ] == [25, 5, 10]
    assert examples.get_string_custom_property("payload_format") == "FORMAT_TF_EXAMPLE"
    assert examples.get_string_custom_property("fingerprint") == inputs.fingerprint(
        inputs.find_pairs(str(data), patterns)
    )


def test_the_features_lie_beside_the_splits(tmp_path: Path, write_folder: Callable[..., Path]):
    run(write_folder(tmp_path / "data"), tmp_path / "out")
    found = parse(Features, (tmp_path / "out" / Features.FILE).read_bytes())
    assert found == describe(DECLARATION)


def test_only_whole_shards_are_left(tmp_path: Path, write_folder: Callable[..., Path]):
    run(write_folder(tmp_path / "data"), tmp_path / "out", shards=3)
    files = sorted(
        p.relative_to(tmp_path / "out") for p in tmp_path.glob("out/**/*") if p.is_file()
    )
    assert list(map(str, files)) == [
        "Split-eval/data_tfrecord-00000-of-00001",
        "Split-test/data_tfrecord-00000-of-00002",
        "Split-test/data_tfrecord-00001-of-00002",
        *(f"Split-train/data_tfrecord-0000{index}-of-00003" for index in range(3)),
        Features.FILE,
    ]
    assert not (tmp_path / "out" / "unfinished").exists()


@pytest.mark.medium
def test_a_packed_file_is_inflated_once_for_all_shards(
    tmp_path: Path, write_folder: Callable[..., Path], inflated: Counter[str]
):
    data = write_folder(tmp_path / "data")
    packed = run(data, tmp_path / "out", shards=10)
    # And the header.
    assert inflated["train-images-idx3-ubyte.gz"] == 16 + 30 * 12
    assert inflated["train-labels-idx1-ubyte.gz"] <= 8 + 2 * 30
    assert not [*tmp_path.glob("out/**/plain*")]
    for file in data.iterdir():
        file.with_suffix("").write_bytes(gzip.decompress(file.read_bytes()))
        file.unlink()
    plain = run(data, tmp_path / "plain", shards=10)
    for split in ("train", "eval", "test"):
        assert read_split(packed, split) == read_split(plain, split)


def test_a_damaged_file_is_told_in_its_own_sentence_and_nothing_is_written(
    tmp_path: Path, write_folder: Callable[..., Path]
):
    data = write_folder(tmp_path / "data")
    images = data / "train-images-idx3-ubyte.gz"
    images.write_bytes(gzip.compress(gzip.decompress(images.read_bytes())[:-1]))
    with pytest.raises(idx.IdxError, match=f"^{images} is truncated: [^\n]*\\.$"):
        run(data, tmp_path / "out")
    assert not [*tmp_path.glob("out/**/*")]


def test_a_wrong_label_names_the_test_file_too(
    tmp_path: Path, write_folder: Callable[..., Path], write_idx: Callable[..., Path]
):
    data = write_folder(tmp_path / "data")
    labels = write_idx(data / "t10k-labels-idx1-ubyte.gz", np.full(10, 77))
    with pytest.raises(idx.IdxError, match=f"{labels} has label 77 at index 0"):
        run(data, tmp_path / "out")


@pytest.mark.parametrize("eval_examples", [30, 5_000])
def test_a_train_split_without_examples_is_refused(
    tmp_path: Path, write_folder: Callable[..., Path], eval_examples: int
):
    data = write_folder(tmp_path / "data")
    with pytest.raises(
        ExampleGenError, match=f"eval_examples = {eval_examples} leaves nothing .* holds 30 images"
    ):
        run(data, tmp_path / "out", eval_examples=eval_examples)
