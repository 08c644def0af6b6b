from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from models.training import inputs


def write(path: Path, values: range, compression: str = "") -> str:
    with tf.io.TFRecordWriter(str(path), compression) as writer:
        for value in values:
            writer.write(str(value).encode())
    return str(path)


def parse(examples: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    values = tf.strings.to_number(examples, tf.int64)
    return tf.cast(values, tf.float32), values


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """103 examples in 3 shards, one of them compressed."""
    folder = tmp_path_factory.mktemp("numbers")
    return [
        write(folder / "a", range(40)),
        write(folder / "b.gz", range(40, 80), "GZIP"),
        write(folder / "c", range(80, 103)),
    ]


@pytest.fixture(scope="module")
def whole(numbers: list[str]) -> list[list[int]]:
    """All batches of a training."""
    return batches(numbers)


def batches(
    numbers: list[str], *, seed: int = 0, first_step: int = 0, part: tuple[int, int] = (0, 1)
) -> list[list[int]]:
    dataset = inputs.training_batches(
        numbers,
        parse,
        epochs=3,
        batch_size=10,
        steps_per_epoch=10,
        seed=seed,
        first_step=first_step,
        part=part,
    )
    return [labels.tolist() for _, labels in dataset.as_numpy_iterator()]


@pytest.mark.medium
def test_an_epoch_is_full_batches_of_different_examples(whole: list[list[int]]) -> None:
    assert [len(batch) for batch in whole] == [10] * 30
    for epoch in range(3):
        seen = [value for batch in whole[10 * epoch : 10 * epoch + 10] for value in batch]
        assert len(set(seen)) == 100
        assert set(seen) <= set(range(103))


def test_every_epoch_has_an_order_of_its_own(whole: list[list[int]]) -> None:
    assert whole[0] != whole[10] != whole[20] != whole[0]


@pytest.mark.parametrize(
    "count", [2, pytest.param(5, marks=[pytest.mark.slow, pytest.mark.extended])]
)
def test_processes_have_each_batch_between_them(
    numbers: list[str], whole: list[list[int]], count: int
) -> None:
    parts = [batches(numbers, first_step=3, part=(place, count)) for place in range(count)]
    joined = [[each for part in step for each in part] for step in zip(*parts, strict=True)]
    assert joined == whole[3:]
    assert {len(batch) for part in parts for batch in part} == {10 // count}


@pytest.mark.medium
def test_rows_in_the_order_of_their_label_are_mixed_as_a_whole(tmp_path: Path) -> None:
    """A window of 10,000 would begin with the first third alone."""
    shard = write(tmp_path / "a", range(30_000))
    dataset = inputs.training_batches(
        [shard], parse, epochs=1, batch_size=500, steps_per_epoch=60, seed=0
    )
    for _, labels in dataset.take(3).as_numpy_iterator():
        assert 100 < (labels >= 20_000).sum() < 250


def test_images_are_mixed_within_a_window_that_memory_allows(tmp_path: Path) -> None:
    def images(examples: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        numbers, labels = parse(examples)
        return {"image": tf.reshape(numbers, [-1, 1, 1, 1])}, labels

    shard = write(tmp_path / "a", range(3))
    assert inputs.mixed_at_once([shard], images) == inputs.SHUFFLE_BUFFER
    assert inputs.mixed_at_once([shard], parse) > 500_000


@pytest.mark.medium
def test_the_seed_decides_the_order(numbers: list[str], whole: list[list[int]]) -> None:
    assert batches(numbers) == whole
    assert batches(numbers, seed=4)[0] != whole[0]


@pytest.mark.medium
@pytest.mark.parametrize("first_step", [1, 9, 10, 11, 29, 30])
def test_goes_on_as_if_never_interrupted(
    numbers: list[str], whole: list[list[int]], first_step: int
) -> None:
    assert batches(numbers, first_step=first_step) == whole[first_step:]


def test_evaluates_in_the_order_of_the_shards(numbers: list[str]) -> None:
    dataset = inputs.evaluation_batches(numbers, parse, batch_size=50)
    found = [labels.tolist() for _, labels in dataset.as_numpy_iterator()]
    assert [len(batch) for batch in found] == [50, 50, 3]
    assert [value for batch in found for value in batch] == list(range(103))


def test_evaluates_the_first_examples_only_when_limited(numbers: list[str]) -> None:
    dataset = inputs.evaluation_batches(numbers, parse, batch_size=50, limit=60)
    assert [len(labels) for _, labels in dataset.as_numpy_iterator()] == [50, 10]


def test_first_records_are_those_of_the_evaluation(numbers: list[str]) -> None:
    assert inputs.first_records(numbers, 3) == [b"0", b"1", b"2"]


def test_counts_examples_of_all_shards(numbers: list[str]) -> None:
    assert inputs.count_examples(numbers) == 103


def test_finds_shards_by_pattern(numbers: list[str]) -> None:
    assert inputs.find_shards([f"{Path(numbers[0]).parent}/*"]) == numbers


def test_says_which_pattern_has_no_examples(tmp_path: Path) -> None:
    with pytest.raises(inputs.InputsError, match=rf"No examples match {tmp_path}/none-\*"):
        inputs.find_shards([f"{tmp_path}/none-*"])


@pytest.mark.medium
def test_records_are_found_by_their_places(shards):
    every = inputs.first_records(shards["train"], 300)

    found = inputs.records_at(shards["train"], {0, 149, 150, 299})

    assert found == {place: every[place] for place in (0, 149, 150, 299)}
    assert inputs.records_at(shards["train"], set()) == {}


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ([(28, 28, 1)], 500),
        ([(224, 224, 3)], 79),
        ([(224, 224, 3), (224, 224, 3)], 39),
        ([(4_096, 4_096, 3)], 1),
        ([(128,), ()], 500),
        ([], 500),
    ],
)
def test_the_larger_images_are_the_fewer_are_predicted_at_once(
    shapes: list[tuple[int, ...]], expected: int
) -> None:
    specs = {str(n): tf.TensorSpec([None, *shape]) for n, shape in enumerate(shapes)}
    specs["words"] = tf.SparseTensorSpec([None, 10])
    assert inputs.evaluated_at_once(specs) == expected
