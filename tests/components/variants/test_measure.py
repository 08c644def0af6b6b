"""What a form costs is measured by a process of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from components.variants.measure import measured, write_inputs


@pytest.mark.slow
def test_the_shell_does_not_decide_what_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    strange = tmp_path / "strange"
    strange.mkdir()
    for name in ("sitecustomize.py", "queue.py"):
        (strange / name).write_text("raise SystemExit('imported from the folder')\n")
    monkeypatch.setenv("PYTHONPATH", str(strange))
    monkeypatch.chdir(strange)
    spec = tf.TensorSpec([1, 2], tf.float32, "x")
    double = tf.function(lambda x: {"y": 2 * x}, input_signature=[spec], autograph=False)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([double.get_concrete_function()])
    (tmp_path / "model.tflite").write_bytes(converter.convert())
    write_inputs(tmp_path / "inputs.npz", [b"", b""], {"x": np.ones((2, 2), np.float32)})
    found = measured(tmp_path / "model.tflite", tmp_path / "inputs.npz", requests=20)
    assert found.bytes == (tmp_path / "model.tflite").stat().st_size
    assert found.p50_ms
    assert found.p95_ms
    assert found.p50_ms <= found.p95_ms
