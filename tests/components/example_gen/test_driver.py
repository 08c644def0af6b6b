from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tfx.proto import example_gen_pb2
from tfx.utils import proto_utils

from components.example_gen import idx, inputs, spans
from components.example_gen.driver import Driver
from tests.components.example_gen.resolved import resolved_by


def resolve(input_base: Path, input_config: example_gen_pb2.Input) -> dict[str, Any]:
    """What the driver adds to the execution properties of a run."""
    properties = {
        "input_base": str(input_base),
        "input_config": proto_utils.proto_to_json(input_config),
        "range_config": None,
    }
    return resolved_by(Driver, properties)


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


def test_an_incomplete_span_is_told_in_our_words(tmp_path: Path, write_folder: Callable[..., Path]):
    write_folder(tmp_path / "1" / "v1")
    for path in write_folder(tmp_path / "2" / "v1").glob("t10k-*"):
        path.unlink()
    with pytest.raises(spans.SpanError, match=r"Version 1 of span 2 .* has no files for test"):
        resolve(tmp_path, by_span())


def test_a_new_span_is_new_data_and_the_same_one_is_not(
    tmp_path: Path, write_folder: Callable[..., Path]
):
    write_folder(tmp_path / "1" / "v1", 1)
    first = resolve(tmp_path, by_span())
    assert resolve(tmp_path, by_span()) == first
    write_folder(tmp_path / "2" / "v1", 1)
    second = resolve(tmp_path, by_span())
    assert second["span"] == 2
    # The same content again: the fingerprint is equal, the span is not.
    assert second["input_fingerprint"] == first["input_fingerprint"]


def test_a_corrected_version_is_taken_on_the_next_run(
    tmp_path: Path, write_folder: Callable[..., Path]
):
    write_folder(tmp_path / "1" / "v1", 1)
    first = resolve(tmp_path, by_span())
    write_folder(tmp_path / "1" / "v2", 2)
    second = resolve(tmp_path, by_span())
    assert (second["span"], second["version"]) == (1, 2)
    assert second["input_fingerprint"] != first["input_fingerprint"]
