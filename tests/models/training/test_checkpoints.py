from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf

from models.training.checkpoints import Checkpoints, fingerprint, remove

CONFIG = {"training": {"epochs": 5, "seed": 0}, "hub": {"handle": "m"}, "checkpoints": "/a"}


def test_where_checkpoints_are_kept_does_not_matter() -> None:
    moved = {**CONFIG, "checkpoints": "/b"}
    assert fingerprint(moved, ["train-0"], "graph") == fingerprint(CONFIG, ["train-0"], "graph")


@pytest.mark.parametrize(
    ("config", "shards", "transform_graph"),
    [
        ({**CONFIG, "training": {"epochs": 6, "seed": 0}}, ["train-0"], "graph"),
        ({**CONFIG, "code_hash": "edited"}, ["train-0"], "graph"),
        (CONFIG, ["train-0", "train-1"], "graph"),
        (CONFIG, ["train-0"], "graph/2"),
    ],
)
def test_all_else_makes_it_another_training(
    config: dict[str, Any], shards: list[str], transform_graph: str
) -> None:
    assert fingerprint(config, shards, transform_graph) != fingerprint(CONFIG, ["train-0"], "graph")


def test_restores_what_was_saved_last_and_keeps_no_more(tmp_path: Path) -> None:
    variable = tf.Variable(0.0)
    kept = Checkpoints(str(tmp_path), variable=variable)
    assert not kept.restore()
    for step in (1, 2):
        variable.assign(step)
        kept.save(step)
    variable.assign(9)
    assert kept.restore()
    assert float(variable) == 2
    assert [path.name for path in tmp_path.glob("*.index")] == ["ckpt-2.index"]


def test_removes_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "training"
    Checkpoints(str(folder), variable=tf.Variable(0.0)).save(1)
    remove(str(folder))
    remove(str(folder))
    assert not folder.exists()
