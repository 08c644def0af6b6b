"""What compile refuses before it looks at anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.kubeflow.compile import compile_pipeline
from pipeline.kubeflow.postprocess import Target
from pipeline.settings import REPOSITORY, SettingsError, load_settings

MULTI = "training.strategy=multi_worker"
TWO = "kubeflow.replicas={count: 2}"


@pytest.mark.parametrize(
    ("target", "overrides", "why"),
    [
        ("oss", [MULTI], r"needs replicas: .*kubeflow\.replicas=\{count: 2\}"),
        ("oss", [TWO], r"count = 2 with training\.strategy = none would have each replica"),
        ("oss", [MULTI, "kubeflow.replicas={count: 3}"], r"= 64 cannot be shared by the 3 "),
        (
            "oss",
            [MULTI, "kubeflow.replicas={count: 2, machine_type: n1-standard-8}"],
            r"machine_type = n1-standard-8 is for Vertex AI: leave it out",
        ),
        ("vertex", [MULTI], r"needs replicas: .*kubeflow\.replicas=\{count: 2\}"),
        ("vertex", [TWO], r"count = 2 with training\.strategy = none would have each replica"),
        ("vertex", [MULTI, "kubeflow.replicas={count: 3}"], r"= 64 cannot be shared by the 3 "),
        (
            "vertex",
            [MULTI, TWO, "training.batch_size=34", "kubeflow.nodes.Trainer={gpus: 4}"],
            r"= 34 cannot be shared by the 8 .* multiple of 8",
        ),
    ],
)
def test_machines_that_do_not_train_together(
    tmp_path: Path, target: Target, overrides: list[str], why: str
) -> None:
    settings = load_settings(REPOSITORY / "configs" / "quick.yaml", overrides)
    with pytest.raises(SettingsError, match=why):
        compile_pipeline(
            settings,
            target=target,
            image="image:1",
            pipeline_root="gs://bucket/root",
            data="gs://bucket/data",
            base_path="gs://bucket/models",
            output=tmp_path / "pipeline.yaml",
        )
    assert not [*tmp_path.iterdir()]
