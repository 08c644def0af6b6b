"""What `compile` really writes, with everything that the settings can ask of a cluster."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.kubeflow.compile import compile_pipeline
from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import parse_documents
from pipeline.kubeflow.validation.finding import Finding
from pipeline.kubeflow.validation.validate import validate
from pipeline.kubeflow.validation.yaml_file import read_yaml_file
from pipeline.settings import REPOSITORY, load_settings
from tests.once import once

IMAGE = f"registry.example.com/team/tfx@sha256:{'0' * 64}"
CLUSTER = (
    "kubeflow.all.volumes=[{claim: models, mount_path: /mnt/models}]",
    "kubeflow.all.secrets=[{name: key, mount_path: /keys}, {name: store, env: {user: STORE_USER}}]",
    "kubeflow.all.image_pull_secrets=[registry]",
    "kubeflow.all.env={LEVEL: '1'}",
    "kubeflow.all.node_selector={pool: pipelines}",
    "kubeflow.all.tolerations=[{key: spot, operator: Equal, value: 'yes', effect: NoSchedule}]",
    "kubeflow.all.run_as_user=10002",
    "kubeflow.nodes.Trainer={gpus: 1, resources: {cpu_limit: 4.0, memory_limit: 8.0}}",
)


def compiled(folder: Path, target: Target, *overrides: str) -> Path:
    output = folder / f"{target}.yaml"
    found = compile_pipeline(
        load_settings(REPOSITORY / "configs" / "quick.yaml", list(overrides)),
        target=target,
        image=IMAGE,
        pipeline_root="gs://bucket/root",
        data="gs://bucket/data",
        base_path="gs://bucket/serving/fashion_mnist",
        output=output,
    )
    assert found == []
    return output


@pytest.fixture(scope="session")
def oss_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = once(tmp_path_factory, "oss", lambda folder: compiled(folder, "oss", *CLUSTER))
    return folder / "oss.yaml"


@pytest.fixture(scope="session")
def vertex_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return (
        once(tmp_path_factory, "vertex", lambda folder: compiled(folder, "vertex")) / "vertex.yaml"
    )


@pytest.fixture(scope="session")
def oss_documents(oss_file: Path) -> list[Any]:
    """Both documents; not to be changed."""
    return read_yaml_file(oss_file)


@pytest.fixture
def compiled_documents(oss_documents: list[Any]) -> list[Any]:
    """Both documents, to be changed."""
    return json.loads(json.dumps(oss_documents))


@pytest.fixture
def findings_of() -> Callable[..., list[Finding]]:
    """What is found in documents."""

    def find(documents: list[Any], target: Target = "oss") -> list[Finding]:
        return validate(parse_documents(documents, "pipeline.yaml"), target)

    return find
