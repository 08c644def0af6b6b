from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
ASK = """
from documents.environment.keras import choose_keras
choose_keras()
import os
import tensorflow as tf
import keras
import tf_keras
for each in (tf.keras, tf_keras, keras):
    print(each.backend.floatx(), each.backend.image_data_format(), each.backend.epsilon())
print(tf.keras.Model is tf_keras.Model, sorted(os.listdir(".")))
"""


@pytest.mark.slow
@pytest.mark.extended
def test_what_a_user_prefers_in_keras_decides_nothing(tmp_path: Path) -> None:
    settings = '{"floatx": "float16", "epsilon": 0.1, "image_data_format": "channels_first"}'
    for folder in (tmp_path / ".keras", tmp_path):
        folder.mkdir(exist_ok=True)
        (folder / "keras.json").write_text(settings)
    (tmp_path / "here").mkdir()
    answered = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=tmp_path / "here",
        env={
            "PYTHONPATH": str(REPOSITORY),
            "KERAS_BACKEND": "torch",
            "TF_USE_LEGACY_KERAS": "0",
            # Either is where Keras would look, the first one when the second is taken away.
            "HOME": str(tmp_path),
            "KERAS_HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert answered.stdout.splitlines() == [
        *["float32 channels_last 1e-07"] * 3,
        "True []",
    ]


@pytest.mark.slow
@pytest.mark.extended
def test_without_a_home_no_folder_is_made(tmp_path: Path) -> None:
    script = "from documents.environment.keras import choose_keras as c; c(); import os, tf_keras"
    answered = subprocess.run(
        [sys.executable, "-c", f"{script}; print(os.listdir('.'))"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(REPOSITORY), "HOME": "~"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answered.stdout.splitlines()[-1] == "[]"
