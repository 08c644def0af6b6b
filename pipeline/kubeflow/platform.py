"""What Kubernetes is told about one executor, in the second document of a compiled file. Pure.

Plain dicts: the field names are those of kubernetes_executor_config.proto in kubeflow/pipelines.
"""

from __future__ import annotations

from typing import Any

from pipeline.kubeflow.options import NodeOptions, SecretOptions, TolerationOptions

Json = dict[str, Any]

GPU_TAINT = TolerationOptions(key="nvidia.com/gpu", effect="NoSchedule")
"""GPU machines carry it on the clouds, and no pod gets onto them without the toleration."""


def platform_document(node: NodeOptions, *, gpu_taint: bool = True) -> Json:
    """Secrets, volumes, node selector and tolerations; empty where the node wants none."""
    tolerations = [*node.tolerations, *([GPU_TAINT] if node.gpus and gpu_taint else [])]
    made = {
        "secretAsEnv": [_secret_as_env(secret) for secret in node.secrets if secret.env],
        "secretAsVolume": [
            {"secretName": secret.name, "mountPath": secret.mount_path}
            for secret in node.secrets
            if secret.mount_path
        ],
        "pvcMount": [
            {"constant": volume.claim, "mountPath": volume.mount_path} for volume in node.volumes
        ],
        "nodeSelector": {"labels": dict(node.node_selector)} if node.node_selector else {},
        "tolerations": [toleration.model_dump(exclude_none=True) for toleration in tolerations],
    }
    return {key: value for key, value in made.items() if value}


def _secret_as_env(secret: SecretOptions) -> Json:
    return {
        "secretName": secret.name,
        "keyToEnv": [
            {"secretKey": key, "envVar": variable} for key, variable in sorted(secret.env.items())
        ],
    }
