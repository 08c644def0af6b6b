"""What Kubernetes is told about one executor, in the second document of a compiled file. Pure.

Plain dicts: the field names are those of kubernetes_executor_config.proto in kubeflow/pipelines.
"""

from __future__ import annotations

from typing import Any

from pipeline.sections.kubeflow import NodeOptions, SecretOptions, TolerationOptions

Json = dict[str, Any]


def platform_document(node: NodeOptions, *, gpu: str | None = None) -> Json:
    """Secrets, volumes, user, node selector and tolerations; empty where the node wants none.

    Args:
      gpu: the resource that the node asks for, e.g. amd.com/gpu. Clouds taint the machines that
        have it with its name, and no pod gets onto them without the toleration.
    """
    tolerations = list(node.tolerations)
    if gpu and not any(toleration.key == gpu for toleration in tolerations):
        tolerations.append(TolerationOptions(key=gpu, effect="NoSchedule"))
    made = {
        "secretAsEnv": [_secret_as_env(secret) for secret in node.secrets if secret.env],
        "secretAsVolume": [
            {"secretName": secret.name, "mountPath": secret.mount_path}
            for secret in node.secrets
            if secret.mount_path
        ],
        "imagePullSecret": [{"secretName": name} for name in node.image_pull_secrets],
        "pvcMount": [
            {"constant": volume.claim, "mountPath": volume.mount_path} for volume in node.volumes
        ],
        "securityContext": {
            key: identity
            for key, identity in (
                ("runAsUser", node.run_as_user),
                ("runAsGroup", node.run_as_group),
            )
            if identity is not None
        },
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
