from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from components.example_gen.shards import plan_shards


def test_the_official_split():
    plan = plan_shards({"train": 60_000, "test": 10_000}, eval_examples=5_000, shards=2)
    assert [(s.split, s.source, s.start, s.stop, s.file_name) for s in plan] == [
        ("train", "train", 0, 27_500, "data_tfrecord-00000-of-00002"),
        ("train", "train", 27_500, 55_000, "data_tfrecord-00001-of-00002"),
        ("eval", "train", 55_000, 60_000, "data_tfrecord-00000-of-00001"),
        ("test", "test", 0, 10_000, "data_tfrecord-00000-of-00001"),
    ]


@given(
    train=st.integers(2, 5_000), test=st.integers(1, 5_000), shards=st.integers(1, 50), d=st.data()
)
def test_every_example_lands_in_exactly_one_shard(
    train: int, test: int, shards: int, d: st.DataObject
):
    held_out = d.draw(st.integers(1, train - 1))
    plan = plan_shards({"train": train, "test": test}, eval_examples=held_out, shards=shards)
    ranges = defaultdict(list)
    for shard in plan:
        assert shard.stop > shard.start
        ranges[shard.split].append(range(shard.start, shard.stop))
    assert [i for r in ranges["train"] + ranges["eval"] for i in r] == list(range(train))
    assert [i for r in ranges["test"] for i in r] == list(range(test))
    assert sum(map(len, ranges["eval"])) == held_out
    assert len(ranges["train"]) == min(shards, train - held_out)
    assert len({(shard.split, shard.file_name) for shard in plan}) == len(plan)
