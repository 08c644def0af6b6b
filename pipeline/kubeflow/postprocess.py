"""From what TFX compiles to what a cluster needs. Pure: documents in, documents out.

TFX writes neither pipeline root, retries, defaults nor resources into a bare PipelineSpec, and
names paths of the machine that compiles. Source of the field names: kubeflow/pipelines
api/v2alpha1/pipeline_spec.proto and kubernetes_platform/proto/kubernetes_executor_config.proto.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any, Literal

from pipeline.kubeflow import custom_job
from pipeline.kubeflow.driver_task import add_driver_tasks, driver_name
from pipeline.kubeflow.platform import platform_document
from pipeline.kubeflow.run_parameters import RunParameter, expose
from pipeline.kubeflow.training_job import manifest
from pipeline.sections.kubeflow import KubeflowOptions, NodeOptions, ResourceOptions, RetryOptions

Json = dict[str, Any]
Target = Literal["oss", "vertex"]

ENTRY_POINT = ("python", "-m", "pipeline.kubeflow.entrypoint")
GPU_TYPES: Mapping[Target, str] = {"oss": "nvidia.com/gpu", "vertex": "NVIDIA_TESLA_T4"}
UNCACHED_ON_OSS = frozenset({driver_name("ExampleGen"), "Baseline", "ServingCheck", "Pusher"})
"""They depend on more than their inputs, which open-source Kubeflow's cache does not see: new
data under the same path, the base path, the machine."""
CLASS_FLAG = "--executor_class_path"
DRIVER_FLAG = "--driver_only"


class PostprocessError(ValueError):
    """The options name what the pipeline or the target does not have."""


def postprocess(
    spec: Mapping[str, Any],
    options: KubeflowOptions,
    *,
    target: Target,
    pipeline_root: str,
    repository: str,
    parameters: Mapping[str, RunParameter] | None = None,
) -> list[Json]:
    """The documents of the compiled file: the PipelineSpec, on oss then Kubernetes' settings.

    Args:
      spec: PipelineSpec 2.1 as KubeflowV2DagRunner makes it; not changed.
      repository: folder of this project here; below it, paths become paths of the image.
      parameters: what can be set per run, by name; the compiled value becomes the default.

    Raises:
      PostprocessError: the options name an unknown node, or what Vertex AI cannot give.
    """
    made = _moved(copy.deepcopy(dict(spec)), repository, options.project_folder)
    made["defaultPipelineRoot"] = pipeline_root
    made = expose(made, parameters or {})
    _our_hooks(made)
    drivers: dict[str, str] = {}
    if target == "oss":
        made, drivers = add_driver_tasks(made)
    tasks = made["root"]["dag"]["tasks"]
    _check_names(options, tasks)
    platform: Json = {}
    for name in tasks:
        node = options.node(name, like=drivers.get(name))
        label, wanted = _settle(made, name, node, options, target)
        if target == "oss" and wanted:
            platform[label] = wanted
    if not platform:
        return [made]
    return [made, {"platforms": {"kubernetes": {"deploymentSpec": {"executors": platform}}}}]


def _settle(
    made: Json, name: str, node: NodeOptions, options: KubeflowOptions, target: Target
) -> tuple[str, Json]:
    """Writes into `made` what one task is told; its executor's label, and Kubernetes' settings."""
    task = made["root"]["dag"]["tasks"][name]
    component = task["componentRef"]["name"]
    label = made["components"][component]["executorLabel"]
    executor = made["deploymentSpec"]["executors"][label]
    task["cachingOptions"] = {"enableCache": _cached(name, node, target)}
    if node.retry and node.retry.times:
        task["retryPolicy"] = _retry_policy(node.retry)
    container = executor["container"]
    _complete(container, node, target, options.project_folder)
    replicas = options.replicas if name == custom_job.TASK else None
    if replicas and target == "oss":
        kind = node.gpu_type or GPU_TYPES[target]
        job = manifest.tf_job(container, node, replicas, kind)
        container["args"] += manifest.as_argument(job)
        node = manifest.waiting(node, options.node(""))
        container.pop("resources", None)
        _complete(container, node, target, options.project_folder)
    gpu = container.get("resources", {}).get("accelerator", {}).get("type")
    wanted = platform_document(node, gpu=gpu if target == "oss" else None)
    if target == "vertex":
        _check_vertex(name, wanted)
        if replicas:
            made["components"][component], executor["container"] = custom_job.as_custom_job(
                made["components"][component], container, replicas
            )
    return label, wanted


def check_target(options: KubeflowOptions, target: Target) -> None:
    """What can be told before anything is compiled.

    Raises:
      PostprocessError: the options ask for what the target cannot give.
    """
    for name in ("", *sorted(options.nodes)):
        node = options.node(name)
        of_vertex = node.gpu_type is not None and "/" not in node.gpu_type
        if node.gpu_type is not None and of_vertex != (target == "vertex"):
            known = GPU_TYPES[target]
            raise PostprocessError(
                f"kubeflow.{f'nodes.{name}' if name else 'all'}.gpu_type = {node.gpu_type} is not "
                f"known to {target}; name one such as {known}."
            )
        if target == "vertex":
            _check_vertex(name or "(all)", platform_document(node))


def _moved(value: Any, repository: str, folder: str) -> Any:
    """`value` with every path at or below `repository`, inside JSON also, in `folder`."""
    if isinstance(value, dict):
        return {key: _moved(item, repository, folder) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, repository, folder) for item in value]
    if not isinstance(value, str):
        return value
    return re.sub(rf"(?<![\w/.-]){re.escape(repository)}(?![\w.-])", lambda _: folder, value)


def _cached(name: str, node: NodeOptions, target: Target) -> bool:
    if node.cache is not None:
        return node.cache
    return not (target == "oss" and name in UNCACHED_ON_OSS)


def _retry_policy(retry: RetryOptions) -> Json:
    return {
        "maxRetryCount": retry.times,
        "backoffDuration": f"{retry.wait_seconds}s",
        "backoffFactor": float(retry.factor),
        "backoffMaxDuration": f"{retry.window_seconds}s",
    }


def _complete(container: Json, node: NodeOptions, target: Target, folder: str) -> None:
    # The module path of the steps, and for a dry run the folder that this repository stands for.
    environment = {"PYTHONPATH": folder, **node.env}
    container["env"] = [{"name": key, "value": environment[key]} for key in sorted(environment)]
    resources = _resources(node.resources)
    if node.gpus:
        kind = node.gpu_type or GPU_TYPES[target]
        resources["accelerator"] = {"type": kind, "count": node.gpus}
    if resources:
        container["resources"] = resources


def _our_hooks(spec: Json) -> None:
    """Has our entry point do the work of the hook that TFX compiles for a file-based ExampleGen."""
    for executor in spec["deploymentSpec"]["executors"].values():
        container = executor.get("container", {})
        hook = container.get("lifecycle", {}).get("preCacheCheck")
        if hook is not None:
            arguments = container["args"]
            executor_class = arguments[arguments.index(CLASS_FLAG) + 1]
            hook["command"] = list(ENTRY_POINT)
            hook["args"] = [DRIVER_FLAG, CLASS_FLAG, executor_class, *hook["args"]]


def _resources(resources: ResourceOptions) -> Json:
    names = {
        "cpuRequest": resources.cpu_request,
        "cpuLimit": resources.cpu_limit,
        "memoryRequest": resources.memory_request,
        "memoryLimit": resources.memory_limit,
    }
    return {name: value for name, value in names.items() if value is not None}


def _check_names(options: KubeflowOptions, tasks: Mapping[str, Any]) -> None:
    unknown = sorted(set(options.nodes) - set(tasks))
    if unknown:
        raise PostprocessError(
            f"kubeflow.nodes.{unknown[0]}: there is no such node; choose among "
            f"{', '.join(sorted(tasks))}."
        )


def _check_vertex(name: str, wanted: Mapping[str, Any]) -> None:
    """Vertex AI reads one document; what it would drop without a word is refused here."""
    if wanted:
        raise PostprocessError(
            f"Vertex AI gives node {name} no {', '.join(sorted(wanted))}; leave them out of "
            "`kubeflow` in the settings, or compile with --target oss."
        )
