"""Variables that are not whole are found before the graph is imported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from serving.server.loading.checkpoint import demand_whole
from serving.server.status import Code, StatusError


@pytest.fixture
def prefix(tmp_path: Path) -> str:
    import tensorflow as tf

    prefix = str(tmp_path / "variables" / "variables")
    tensors = [np.ones((50, 40), np.float32), np.array([b"text", b""], object), np.int64(3)]
    names = ["weights", "labels", "step"]
    tf.raw_ops.SaveV2(prefix=prefix, tensor_names=names, shape_and_slices=[""] * 3, tensors=tensors)
    demand_whole(prefix)
    return prefix


def test_data_that_are_missing_are_told_as_the_cpp_loader_does(prefix: str):
    Path(f"{prefix}.data-00000-of-00001").unlink()
    with pytest.raises(StatusError, match="No such file or directory") as caught:
        demand_whole(prefix)
    assert caught.value.code is Code.NOT_FOUND


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.9])
def test_data_that_were_cut_short_are_told(prefix: str, kept: float):
    data = Path(f"{prefix}.data-00000-of-00001")
    data.write_bytes(data.read_bytes()[: int(kept * data.stat().st_size)])
    with pytest.raises(StatusError, match="Read less bytes than requested") as caught:
        demand_whole(prefix)
    assert caught.value.code is Code.OUT_OF_RANGE


def test_an_index_that_was_cut_short_is_told(prefix: str):
    index = Path(f"{prefix}.index")
    index.write_bytes(index.read_bytes()[:60])
    with pytest.raises(StatusError, match="sstable") as caught:
        demand_whole(prefix)
    assert caught.value.code is Code.DATA_LOSS


def test_data_in_several_files_are_counted_together(prefix: str, tmp_path: Path):
    import tensorflow as tf

    other, merged = (str(tmp_path / name / "variables") for name in ("other", "merged"))
    tf.raw_ops.SaveV2(
        prefix=other, tensor_names=["more"], shape_and_slices=[""], tensors=[np.ones(900)]
    )
    tf.raw_ops.MergeV2Checkpoints(
        checkpoint_prefixes=[prefix, other], destination_prefix=merged, delete_old_dirs=False
    )
    demand_whole(merged)
    Path(f"{merged}.data-00001-of-00002").unlink()
    with pytest.raises(StatusError, match="Read less bytes"):
        demand_whole(merged)
