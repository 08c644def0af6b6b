"""A compiled pipeline: what its file says about tasks, in the order in which they can run. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.kubeflow.custom_job import container_of, is_launcher, pools_of
from pipeline.kubeflow.training_job.manifest import job_of
from pipeline.kubeflow.validation.yaml_file import YamlFileError, read_yaml_file

OSS_DEFAULT_ROOT = "minio://mlpipeline/v2/artifacts"
"""Where open-source Kubeflow writes when nobody says where."""


class DryRunError(ValueError):
    """The file, the parameters or --only cannot be used."""


@dataclasses.dataclass(frozen=True)
class Task:
    """One task of the DAG with the component and the executor behind it."""

    name: str
    inputs: Mapping[str, Any]
    component: Mapping[str, Any]
    executor: Mapping[str, Any]
    needs: frozenset[str]
    """Tasks that must have run before."""
    cache: bool
    retries: int
    claims: tuple[str, ...] = ()
    """Persistent volume claims that it mounts."""

    @property
    def container(self) -> Mapping[str, Any]:
        """That of the step; of a custom job that of its machines."""
        found: Mapping[str, Any] = self.executor["container"]
        return container_of(pools_of(self.component)[0]) if self.machines else found

    @property
    def machines(self) -> int:
        """Of the custom job that it starts; 0 where it starts none."""
        if not is_launcher(self.executor.get("container", {})):
            return 0
        return sum(int(pool["replica_count"]) for pool in pools_of(self.component))

    @property
    def makes_training_job(self) -> bool:
        """Whether it has a TFJob do its work."""
        container = self.executor.get("container", {})
        return job_of(list(container.get("args") or ())) is not None

    @property
    def variables(self) -> Mapping[str, str]:
        """The container's environment, as the file gives it."""
        given = self.container.get("env", ())
        return {variable["name"]: str(variable.get("value", "")) for variable in given}

    def declared(self, side: str, kind: str) -> Mapping[str, Any]:
        """Definitions by name; `side` is input or output, `kind` artifacts or parameters."""
        found: Mapping[str, Any] = self.component.get(f"{side}Definitions", {}).get(kind, {})
        return found


@dataclasses.dataclass(frozen=True)
class Compiled:
    """A PipelineSpec 2.1."""

    name: str
    tasks: Sequence[Task]
    """In an order in which every task comes after those it needs."""
    parameters: Mapping[str, Any]
    """Defaults of the pipeline's parameters; None where there is none."""
    root: str | None
    """What the file says; open-source Kubeflow does not read it."""


def read_compiled(file: Path) -> Compiled:
    """Reads a file as `kubeflow_runner.py compile` writes it.

    Raises:
      DryRunError: the file is missing, no PipelineSpec, or its tasks cannot be ordered.
    """
    try:
        documents = read_yaml_file(file)
    except YamlFileError as error:
        raise DryRunError(f"{error}.") from error
    # Settings for Kubernetes follow as a document of their own.
    spec = next((d for d in documents if isinstance(d, Mapping) and "root" in d), None)
    if spec is None or "dag" not in spec["root"]:
        raise DryRunError(
            f"{file} holds no pipeline; write one with `python kubeflow_runner.py compile`."
        )
    platform = next((d for d in documents if isinstance(d, Mapping) and "platforms" in d), {})
    return parse_compiled(spec, platform)


def parse_compiled(spec: Mapping[str, Any], platform: Mapping[str, Any] | None = None) -> Compiled:
    """The tasks of a PipelineSpec in order.

    Args:
      platform: the document with the settings for Kubernetes.

    Raises:
      DryRunError: a task names a component, an executor or a producer that is not there.
    """
    executors = spec["deploymentSpec"]["executors"]
    kubernetes = platform["platforms"]["kubernetes"]["deploymentSpec"] if platform else {}
    settings = kubernetes.get("executors", {})
    tasks = {}
    for name, document in spec["root"]["dag"]["tasks"].items():
        component = spec["components"].get(document["componentRef"]["name"])
        executor = executors.get((component or {}).get("executorLabel"))
        if component is None or executor is None:
            raise DryRunError(
                f"Task {name} has no component or executor in the file; compile it again."
            )
        tasks[name] = Task(
            name=name,
            inputs=document.get("inputs", {}),
            component=component,
            executor=executor,
            needs=_needs(document),
            cache=bool(document.get("cachingOptions", {}).get("enableCache")),
            retries=int(document.get("retryPolicy", {}).get("maxRetryCount", 0)),
            claims=_claims(settings.get(component["executorLabel"], {})),
        )
    parameters = spec["root"].get("inputDefinitions", {}).get("parameters", {})
    return Compiled(
        name=spec["pipelineInfo"]["name"],
        tasks=_ordered(tasks),
        parameters={name: found.get("defaultValue") for name, found in parameters.items()},
        root=spec.get("defaultPipelineRoot"),
    )


def _claims(settings: Mapping[str, Any]) -> tuple[str, ...]:
    mounts = settings.get("pvcMount", ())
    return tuple(str(mount["constant"]) for mount in mounts if "constant" in mount)


def _needs(document: Mapping[str, Any]) -> frozenset[str]:
    inputs = document.get("inputs", {})
    producers = {
        source[kind]["producerTask"]
        for side, kind in (
            ("artifacts", "taskOutputArtifact"),
            ("parameters", "taskOutputParameter"),
        )
        for source in inputs.get(side, {}).values()
        if kind in source
    }
    return frozenset(producers | set(document.get("dependentTasks", ())))


def _ordered(tasks: Mapping[str, Task]) -> list[Task]:
    ordered: dict[str, Task] = {}
    while len(ordered) < len(tasks):
        ready = [
            task
            for name, task in sorted(tasks.items())
            if name not in ordered and task.needs <= set(ordered)
        ]
        if not ready:
            stuck = sorted(set(tasks) - set(ordered))
            missing = sorted({need for name in stuck for need in tasks[name].needs} - set(tasks))
            why = f"{', '.join(missing)} are not there" if missing else "they need each other"
            raise DryRunError(f"The tasks {', '.join(stuck)} can never run: {why}.")
        ordered.update({task.name: task for task in ready})
    return list(ordered.values())
