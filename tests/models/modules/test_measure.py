from __future__ import annotations

import re

import pytest

from models.modules import measure
from models.training import inputs

Shards = dict[str, list[str]]


@pytest.mark.medium
@pytest.mark.parametrize(("nth", "count"), [(1, 300), (7, 43), (300, 1)])
def test_takes_every_nth_example(shards: Shards, nth: int, count: int) -> None:
    records = inputs.first_records(shards["train"], -1)
    with measure.every_nth(shards["train"], nth) as some:
        assert inputs.first_records(some, -1) == records[::nth]
        assert inputs.count_examples(some) == count


@pytest.mark.slow
@pytest.mark.extended
def test_prints_a_row_for_each_number_of_labels_and_seed(
    shards: Shards, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "LEAST_STEPS", 5)
    splits = ["--train", *shards["train"], "--test", *shards["eval"]]
    assert measure.main([*splits, "--every", "2", "--seeds", "0", "1"]) == 0
    head, _, *rows = capsys.readouterr().out.splitlines()
    assert head == "| labels | seed | untrained | fine-tuned | frozen |"
    number = r"[01]\.\d{4}"
    for seed, row in enumerate(rows):
        assert re.fullmatch(rf"\| 150 \| {seed} \| {number} \| {number} \| {number} \|", row)
    assert len(rows) == 2
