"""What compile refuses before it looks at anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.kubeflow.compile import compile_pipeline
from pipeline.settings import REPOSITORY, SettingsError, load_settings


def test_several_processes_train_elsewhere(tmp_path: Path) -> None:
    settings = load_settings(
        REPOSITORY / "configs" / "quick.yaml", ["training.strategy=multi_worker"]
    )
    with pytest.raises(SettingsError, match=r"training\.strategy` = multi_worker is for local_run"):
        compile_pipeline(
            settings,
            target="oss",
            image="image:1",
            pipeline_root="gs://bucket/root",
            data="gs://bucket/data",
            base_path="gs://bucket/models",
            output=tmp_path / "pipeline.yaml",
        )
    assert not [*tmp_path.iterdir()]
