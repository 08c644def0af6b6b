from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from documents.features import Seen
from models import observed as module
from models.declaration import Declaration
from models.observed import observed

DECLARATION = Declaration.model_validate(
    {
        "features": {
            "fare": {"kind": "number"},
            "company": {"kind": "category"},
            "remarks": {"kind": "text"},
            "photo": {"kind": "image", "size": [8, 8]},
            "empty": {"kind": "number"},
        },
        "label": {"name": "tip", "kind": "number"},
    }
)


@pytest.fixture
def shards(tmp_path: Path) -> list[str]:
    """1,200 rows, every third without a company."""
    path = str(tmp_path / "train")
    with tf.io.TFRecordWriter(path) as writer:
        for index in range(1_200):
            feature = {
                "fare": tf.train.Feature(float_list={"value": [float(index)]}),
                "tip": tf.train.Feature(float_list={"value": [index / 8]}),
            }
            if index % 3:
                feature["company"] = tf.train.Feature(
                    bytes_list={"value": [b"Red" if index % 2 else b"Blue"]}
                )
            example = tf.train.Example(features=tf.train.Features(feature=feature))
            writer.write(example.SerializeToString())
    return [path]


def test_what_all_rows_hold(shards: list[str]) -> None:
    found = observed(shards, DECLARATION)
    assert found.keys() == {"fare", "company", "tip"}
    assert found["tip"] == Seen(low=1.5, high=148.375)
    assert found["fare"] == Seen(low=12.0, high=1187.0, whole=True)
    assert sorted(found["company"].values) == ["Blue", "Red"]


def test_a_large_split_is_looked_at_all_over(
    shards: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 100)
    assert observed(shards, DECLARATION)["fare"] == Seen(low=12.0, high=1176.0, whole=True)


def test_images_alone_are_not_even_read() -> None:
    declaration = Declaration.model_validate(
        {
            "features": {"photo": {"kind": "image", "size": [8, 8]}},
            "label": {"name": "tip", "kind": "classes", "values": ["no", "yes"]},
        }
    )
    assert observed(["/no/such/shard"], declaration) == {}
