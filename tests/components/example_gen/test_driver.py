from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tfx.proto import example_gen_pb2
from tfx.utils import proto_utils

from components.example_gen import idx, inputs
from components.example_gen.driver import Driver


def resolve(input_base: Path, input_config: example_gen_pb2.Input) -> dict[str, Any]:
    """What the driver adds to the execution properties of a run."""
    return Driver(metadata_handle=None).resolve_exec_properties(
        {
            "input_base": str(input_base),
            "input_config": proto_utils.proto_to_json(input_config),
            "range_config": None,
        },
        pipeline_info=None,
        component_info=None,
    )


def by_span() -> example_gen_pb2.Input:
    return example_gen_pb2.Input(
        splits=[
            example_gen_pb2.Input.Split(name="train", pattern="{SPAN}/v{VERSION}/train-*"),
            example_gen_pb2.Input.Split(name="test", pattern="{SPAN}/v{VERSION}/t10k-*"),
        ]
    )


def test_without_spans_the_data_is_span_0(tmp_path: Path, write_folder: Callable[..., Path]):
    resolved = resolve(write_folder(tmp_path), inputs.default_input_config())
    assert (resolved["span"], resolved["version"]) == (0, None)
    assert len(bytes.fromhex(resolved["input_fingerprint"])) == 32


def test_the_latest_span_and_version_are_taken(tmp_path: Path, write_folder: Callable[..., Path]):
    for seed, part in enumerate(("9/v1", "10/v2", "10/v11")):
        write_folder(tmp_path / part, seed)
    resolved = resolve(tmp_path, by_span())
    assert (resolved["span"], resolved["version"]) == (10, 11)
    assert "10/v11/train-*" in resolved["input_config"]
    alone = resolve(tmp_path / "10" / "v11", inputs.default_input_config())
    assert resolved["input_fingerprint"] == alone["input_fingerprint"]


def test_missing_data_is_told_before_anything_is_registered(tmp_path: Path):
    with pytest.raises(idx.IdxError, match=f"Missing {tmp_path}/train-images-idx3-ubyte"):
        resolve(tmp_path, inputs.default_input_config())
