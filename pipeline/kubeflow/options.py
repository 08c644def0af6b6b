"""The section `kubeflow` of the settings: what a cluster gives the nodes of the pipeline."""

from __future__ import annotations

import pydantic

from documents.section import Section


class RetryOptions(Section):
    """How often a step that failed is tried again, as Argo's retryStrategy does it."""

    times: int = pydantic.Field(2, ge=0, le=10)
    wait_seconds: int = pydantic.Field(60, ge=0, le=86_400)
    """Before the first retry."""
    factor: int = pydantic.Field(2, ge=1, le=10)
    """By how much each wait is longer than the one before; Argo takes whole numbers only."""
    window_seconds: int = pydantic.Field(604_800, ge=1, le=31_536_000)
    """From the start of the first attempt: after that no retry begins, and one that runs is killed.

    Argo calls it maxDuration. It is no bound on one wait, so it has to hold all attempts; without
    it Kubeflow writes 0, and nothing is ever retried. Vertex AI takes one hour at most.
    """

    @pydantic.model_validator(mode="after")
    def _waits_fit_the_window(self) -> RetryOptions:
        waits = sum(self.wait_seconds * self.factor**retry for retry in range(self.times))
        if self.times and waits >= self.window_seconds:
            raise ValueError(
                f"times {self.times}, wait_seconds {self.wait_seconds} and factor {self.factor} "
                f"wait {waits} s in all, which window_seconds {self.window_seconds} cuts off; "
                "make the window longer than all attempts and waits together"
            )
        return self


class ResourceOptions(Section):
    """What a container asks for; memory in GB (10^9 bytes), None leaves it to the cluster."""

    cpu_request: float | None = pydantic.Field(None, gt=0)
    cpu_limit: float | None = pydantic.Field(None, gt=0)
    memory_request: float | None = pydantic.Field(None, gt=0)
    memory_limit: float | None = pydantic.Field(None, gt=0)

    @pydantic.model_validator(mode="after")
    def _requests_fit_the_limits(self) -> ResourceOptions:
        for what in ("cpu", "memory"):
            request, limit = getattr(self, f"{what}_request"), getattr(self, f"{what}_limit")
            if request is not None and limit is not None and request > limit:
                raise ValueError(f"{what}_request {request:g} is over {what}_limit {limit:g}")
        return self


class SecretOptions(Section):
    """A Kubernetes secret, as environment variables or as files; open-source Kubeflow only."""

    name: str = pydantic.Field(min_length=1)
    env: dict[str, str] = {}
    """Environment variable by key of the secret."""
    mount_path: str | None = pydantic.Field(None, pattern="^/")

    @pydantic.model_validator(mode="after")
    def _is_given_to_somebody(self) -> SecretOptions:
        if not self.env and self.mount_path is None:
            raise ValueError(f"secret {self.name} needs env or mount_path")
        return self


class VolumeOptions(Section):
    """A persistent volume claim that is there already; open-source Kubeflow only."""

    claim: str = pydantic.Field(min_length=1)
    mount_path: str = pydantic.Field(pattern="^/")


class TolerationOptions(Section):
    """A taint that a pod may be scheduled on, as in Kubernetes; open-source Kubeflow only."""

    key: str
    operator: str = pydantic.Field("Exists", pattern="^(Exists|Equal)$")
    value: str | None = None
    effect: str | None = pydantic.Field(None, pattern="^(NoSchedule|PreferNoSchedule|NoExecute)$")


class NodeOptions(Section):
    """What one node gets; every node gets what stands under `all`, then its own on top."""

    cache: bool | None = None
    """None leaves it to the target; see pipeline/kubeflow/postprocess.py."""
    resources: ResourceOptions = ResourceOptions()
    gpus: int = pydantic.Field(0, ge=0, le=16)
    gpu_type: str | None = None
    """None takes nvidia.com/gpu on open-source Kubeflow and NVIDIA_TESLA_T4 on Vertex AI."""
    retry: RetryOptions | None = None
    env: dict[str, str] = {}
    secrets: list[SecretOptions] = []
    image_pull_secrets: list[str] = []
    """Secrets of type kubernetes.io/dockerconfigjson, to pull the image; open-source only."""
    volumes: list[VolumeOptions] = []
    run_as_user: int | None = pydantic.Field(None, ge=1)
    """Instead of the image's user, e.g. who owns a volume; open-source Kubeflow 2.16 and newer."""
    run_as_group: int | None = pydantic.Field(None, ge=1)
    node_selector: dict[str, str] = {}
    tolerations: list[TolerationOptions] = []

    def over(self, common: NodeOptions) -> NodeOptions:
        """These options on top of `common`: mappings merge, lists append, values replace."""
        resources = {
            **common.resources.model_dump(exclude_none=True),
            **self.resources.model_dump(exclude_none=True),
        }
        return NodeOptions(
            cache=common.cache if self.cache is None else self.cache,
            resources=ResourceOptions(**resources),
            gpus=self.gpus or common.gpus,
            gpu_type=self.gpu_type or common.gpu_type,
            retry=self.retry or common.retry,
            env={**common.env, **self.env},
            secrets=[*common.secrets, *self.secrets],
            image_pull_secrets=_once([*common.image_pull_secrets, *self.image_pull_secrets]),
            volumes=[*common.volumes, *self.volumes],
            run_as_user=self.run_as_user or common.run_as_user,
            run_as_group=self.run_as_group or common.run_as_group,
            node_selector={**common.node_selector, **self.node_selector},
            tolerations=[*common.tolerations, *self.tolerations],
        )


def _once(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


_EVERY_NODE = NodeOptions(
    retry=RetryOptions(), resources=ResourceOptions(cpu_request=0.5, memory_request=1.0)
)
_NODES = {
    "ExampleGen": NodeOptions(resources=ResourceOptions(memory_request=2.0)),
    "Trainer": NodeOptions(resources=ResourceOptions(cpu_request=2.0, memory_request=4.0)),
}


class KubeflowOptions(Section):
    """What the compiled file says beyond the graph."""

    project_folder: str = pydantic.Field("/opt/project", pattern="^/.*[^/]$")
    """Where this project lies in the image."""
    all: NodeOptions = NodeOptions()
    nodes: dict[str, NodeOptions] = {}
    """By node id, e.g. Trainer."""

    def node(self, name: str) -> NodeOptions:
        """All that holds for the node `name`, on top of what it gets by default."""
        default = _NODES.get(name, NodeOptions()).over(_EVERY_NODE)
        return self.nodes.get(name, NodeOptions()).over(self.all.over(default))
