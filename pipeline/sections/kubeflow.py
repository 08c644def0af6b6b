"""The section `kubeflow` of the settings: what a cluster gives the nodes of the pipeline."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Annotated

import pydantic

from documents.settings.section import Section
from pipeline.sections import kubernetes_names as names


def _named(refusal: Callable[[str], str | None]) -> pydantic.AfterValidator:
    """Refuses what a function of pipeline.sections.kubernetes_names refuses."""

    def check(value: str) -> str:
        why = refusal(value)
        if why:
            raise ValueError(f"it {why}")
        return value

    return pydantic.AfterValidator(check)


def _not_text(value: str) -> str | None:
    return "holds {{, which Argo would replace" if "{{" in value else None


def _not_own_variable(name: str) -> str | None:
    return names.not_variable(name) or ("is Kubeflow's own" if name.startswith("KFP_") else None)


def _not_gpu_type(name: str) -> str | None:
    if names.is_of_vertex(name):
        return None
    why = "must be one such as nvidia.com/gpu, or NVIDIA_TESLA_T4 on Vertex AI"
    return why if "/" not in name or names.not_qualified(name) else None


Name = Annotated[str, _named(names.not_subdomain)]
VolumeName = Annotated[str, _named(names.not_label)]
MountPath = Annotated[str, _named(names.not_mount_path)]
Key = Annotated[str, _named(names.not_key)]
Variable = Annotated[str, _named(_not_own_variable)]
Text = Annotated[str, _named(_not_text)]
LabelKey = Annotated[str, _named(names.not_qualified)]
LabelValue = Annotated[str, _named(names.not_label_value)]


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


MOST_CPUS, MOST_GIGABYTES = 4_096, 65_536
"""More than machines have; whoever writes bytes is told so."""


class ResourceOptions(Section):
    """What a container asks for; memory in GB (10^9 bytes), None leaves it to the cluster."""

    cpu_request: float | None = pydantic.Field(None, gt=0, le=MOST_CPUS)
    cpu_limit: float | None = pydantic.Field(None, gt=0, le=MOST_CPUS)
    memory_request: float | None = pydantic.Field(None, gt=0, le=MOST_GIGABYTES)
    memory_limit: float | None = pydantic.Field(None, gt=0, le=MOST_GIGABYTES)

    @pydantic.model_validator(mode="after")
    def _requests_fit_the_limits(self) -> ResourceOptions:
        for what in ("cpu", "memory"):
            request, limit = getattr(self, f"{what}_request"), getattr(self, f"{what}_limit")
            if request is not None and limit is not None and request > limit:
                raise ValueError(f"{what}_request {request:g} is over {what}_limit {limit:g}")
        return self


class SecretOptions(Section):
    """A Kubernetes secret, as environment variables or as files; open-source Kubeflow only."""

    name: Name
    env: dict[Key, Variable] = {}
    """Environment variable by key of the secret."""
    mount_path: MountPath | None = None

    @pydantic.model_validator(mode="after")
    def _is_given_to_somebody(self) -> SecretOptions:
        if not self.env and self.mount_path is None:
            raise ValueError(f"secret {self.name} needs env or mount_path")
        why = names.not_label(self.name) if self.mount_path is not None else None
        if why:
            raise ValueError(f"the name {self.name} of a secret that is mounted {why}")
        return self


class VolumeOptions(Section):
    """A persistent volume claim that is there already; open-source Kubeflow only."""

    claim: VolumeName
    mount_path: MountPath


class TolerationOptions(Section):
    """A taint that a pod may be scheduled on, as in Kubernetes; open-source Kubeflow only."""

    key: LabelKey
    operator: str = pydantic.Field("Exists", pattern="^(Exists|Equal)$")
    value: LabelValue | None = None
    effect: str | None = pydantic.Field(None, pattern="^(NoSchedule|PreferNoSchedule|NoExecute)$")

    @pydantic.model_validator(mode="after")
    def _value_is_compared(self) -> TolerationOptions:
        if self.value and self.operator == "Exists":
            raise ValueError(f"operator Exists takes no value, such as {self.value}; use Equal")
        return self


class NodeOptions(Section):
    """What one node gets; every node gets what stands under `all`, then its own on top."""

    cache: bool | None = None
    """None leaves it to the target; see pipeline/kubeflow/postprocess.py."""
    resources: ResourceOptions = ResourceOptions()
    gpus: int = pydantic.Field(0, ge=0, le=16)
    gpu_type: Annotated[str, _named(_not_gpu_type)] | None = None
    """None takes nvidia.com/gpu on open-source Kubeflow and NVIDIA_TESLA_T4 on Vertex AI."""
    retry: RetryOptions | None = None
    env: dict[Variable, Text] = {}
    secrets: list[SecretOptions] = []
    image_pull_secrets: list[Name] = []
    """Secrets of type kubernetes.io/dockerconfigjson, to pull the image; open-source only."""
    volumes: list[VolumeOptions] = []
    run_as_user: int | None = pydantic.Field(None, ge=1)
    """Instead of the image's user, e.g. who owns a volume; open-source Kubeflow 2.16 and newer."""
    run_as_group: int | None = pydantic.Field(None, ge=1)
    node_selector: dict[LabelKey, LabelValue] = {}
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


def _once(found: list[str]) -> list[str]:
    return list(dict.fromkeys(found))


def _check_mounts(node: NodeOptions) -> None:
    """A volume is called as what is in it, and a folder holds one of them.

    Raises:
      ValueError: two share a path, or a claim and a secret share a name.
    """
    secrets = {secret.name: secret.mount_path for secret in node.secrets if secret.mount_path}
    for volume in node.volumes:
        if volume.claim in secrets:
            raise ValueError(f"a secret and a volume are both called {volume.claim}")
    paths = [*secrets.values(), *(volume.mount_path for volume in node.volumes)]
    bare = [str(path).rstrip("/") for path in paths]
    for path in bare:
        if bare.count(path) > 1:
            raise ValueError(f"two volumes have the mount_path {path}")


_EVERY_NODE = NodeOptions(
    retry=RetryOptions(), resources=ResourceOptions(cpu_request=0.5, memory_request=1.0)
)
_NODES = {
    "ExampleGen": NodeOptions(resources=ResourceOptions(memory_request=2.0)),
    "Trainer": NodeOptions(resources=ResourceOptions(cpu_request=2.0, memory_request=4.0)),
}


NODES = (
    *("ExampleGenDriver", "ExampleGen", "ImportSchemaGen", "StatisticsGen", "ExampleValidator"),
    *("Transform", "Trainer", "Baseline", "Evaluator", "ServingCheck", "Pusher"),
)
"""Node ids of the pipeline, and the task that open-source Kubeflow runs ExampleGen's driver in."""


MACHINE_TYPE = r"[a-z][a-z0-9]*(-[a-z0-9]+)+"


class ReplicaOptions(Section):
    """Machines or pods that train together with `training.strategy: multi_worker`."""

    count: int = pydantic.Field(2, ge=2, le=1_000)
    """The chief's among them."""
    machine_type: str | None = pydantic.Field(None, pattern=f"^{MACHINE_TYPE}$")
    """Of Compute Engine, n1-standard-8 without a word; Vertex AI only. GPUs are those of the node.
    """


class KubeflowOptions(Section):
    """What the compiled file says beyond the graph."""

    project_folder: str = pydantic.Field("/opt/project", pattern="^/.*[^/]$")
    """Where this project lies in the image."""
    all: NodeOptions = NodeOptions()
    nodes: dict[str, NodeOptions] = {}
    """By node id, e.g. Trainer."""
    replicas: ReplicaOptions | None = None
    """Of the Trainer; without them it is one container, as every node is."""

    @pydantic.field_validator("nodes")
    @classmethod
    def _nodes_are_there(cls, nodes: dict[str, NodeOptions]) -> dict[str, NodeOptions]:
        unknown = next((name for name in nodes if name not in NODES), None)
        if unknown is not None:
            close = difflib.get_close_matches(unknown, NODES, n=1)
            hint = f"did you mean {close[0]}?" if close else f"choose among {', '.join(NODES)}"
            raise ValueError(f"there is no such node as {unknown[:40]!r}; {hint}")
        return nodes

    @pydantic.model_validator(mode="after")
    def _fit_together(self) -> KubeflowOptions:
        for name in ("", *self.nodes):
            where = f"nodes.{name}" if name else "all"
            try:
                _check_mounts(self.node(name))
            except pydantic.ValidationError as error:
                why = error.errors()[0]["msg"].removeprefix("Value error, ")
                raise ValueError(f"together, {where} gets what does not fit: {why}") from error
            except ValueError as error:
                raise ValueError(f"together, {where} gets what does not fit: {error}") from error
        return self

    def node(self, name: str, like: str | None = None) -> NodeOptions:
        """All that holds for the node `name`, on top of what it gets by default.

        Args:
          like: a node whose volumes, secrets and machines it shares, for it reads the same data.
        """
        default = _NODES.get(name, NodeOptions()).over(_EVERY_NODE)
        own = self.nodes.get(name, NodeOptions())
        if like in self.nodes:
            its_work = {"cache": None, "resources": ResourceOptions(), "gpus": 0, "gpu_type": None}
            own = own.over(self.nodes[like].model_copy(update=its_work))
        return own.over(self.all.over(default))
