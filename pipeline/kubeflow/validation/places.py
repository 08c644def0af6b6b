"""Checks of places: the pipeline root, the data, the base path. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from documents.settings.section import short
from models.hub.module import REPOSITORY
from pipeline.files.paths import (
    BASE_PATHS,
    FOLDERS,
    MODELS,
    OBJECT_STORES,
    cluster_address,
    refuse_patterns,
    refuse_placeholders,
)
from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.roots import check_root
from pipeline.kubeflow.validation.documents import Documents, Task, mapping
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.pods.named import name_of
from pipeline.kubeflow.validation.pods.volumes import CLAIM
from pipeline.kubeflow.validation.said import Said

_FLAGS = {"input_base": "--data", "base_path": "--base-path", "push_destination": "--base-path"}
"""Of `compile`, by the input of a task that holds a place."""
_MODULE_SCHEMES = ("https", "http", "gs")
_ROOT = "compile with another --pipeline-root"


def pipeline_root(documents: Documents, target: Target) -> Iterator[Said]:
    root = str(documents.spec.get("defaultPipelineRoot", ""))
    if not root and target == "oss":
        return
    try:
        check_root(root, target)
    except ValueError as error:
        yield Said(f"defaultPipelineRoot {short(root, 300)}", f"is refused: {error}", _ROOT)


def no_pipeline_root(documents: Documents, target: Target) -> Iterator[Said]:
    if target == "oss" and not documents.spec.get("defaultPipelineRoot"):
        what = "is missing, so artifacts go where the cluster puts them"
        yield Said("defaultPipelineRoot", what, _ROOT)


def places(documents: Documents, target: Target) -> Iterator[Said]:
    for task in documents.all_tasks():
        for key, name, uri in _uris(task):
            why = _unreachable(key, uri, _mounts(documents, task), target) or _pattern(key, uri)
            if why:
                where = f"{task.name}.{key}" + (f" (parameter {name})" if name else "")
                yield Said(where, f"= {short(uri, 300)} {why}", _advice(key, name, uri, target))


def base_paths(documents: Documents, target: Target) -> Iterator[Said]:
    """Whoever judges a model and whoever pushes it look at one base path."""
    found = {
        uri.rstrip("/")
        for task in documents.all_tasks()
        for key, _, uri in _uris(task)
        if key != "input_base"
    }
    if len(found) > 1:
        what = f"differ: {short(' and '.join(sorted(found)), 300)}"
        yield Said("the base paths of Baseline and Pusher", what)


def hub_handle(documents: Documents, target: Target) -> Iterator[Said]:
    """A path of this machine is none of the image's."""
    for task in documents.all_tasks():
        for key, handle, how in _handles(task):
            if not handle.startswith(("/", "file:", "~")):
                why = _no_module(handle)
                if why:
                    yield Said(
                        f"{task.name}.{key}", f"= {short(handle, 300)} {why}", f"mend it {how}"
                    )
                continue
            folders = [*_mounts(documents, task), *_project(task)]
            if not any(f"{handle}/".startswith(folder) for folder in folders):
                fix = f"name a module of this project by its path in it, or one on the web, {how}"
                yield Said(f"{task.name}.{key}", f"= {short(handle, 300)} is not in the image", fix)


def _no_module(handle: str) -> str | None:
    scheme, separator, rest = handle.partition("://")
    if not separator:
        # An empty one is told by who reads the settings of modules.
        return None if (REPOSITORY / handle).exists() else "is not in this project"
    if scheme.lower() not in _MODULE_SCHEMES:
        return f"is no address that a step reads: it begins with {', '.join(_MODULE_SCHEMES)}"
    return None if rest.split("/")[0] else "names no machine or bucket"


def _handles(task: Task) -> Iterator[tuple[str, str, str]]:
    """Key and handle of each module, and how to name another one."""
    for key, source in sorted(task.given("parameters").items()):
        if key == "hub_handle":
            name = str(source.get("componentInputParameter", ""))
            default = mapping(task.dag.inputs("parameters"), name).get("defaultValue", "")
            yield key, str(default), "with --set hub.handle=… or --param hub_handle=…"
        if key == "custom_config":
            for name, module in sorted(_modules(source).items()):
                handle = module.get("handle", "") if isinstance(module, Mapping) else ""
                setting = f"features.{short(name)}.module.handle"
                yield f"{key}.{short(name)}", str(handle), f"with --set {setting}=…"


def _modules(source: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        config = json.loads(str(mapping(source, "runtimeValue").get("constant", "")))
    except (ValueError, RecursionError):
        return {}  # Told by the checks of parameters.
    return mapping(config, "modules")


def _unreachable(key: str, uri: str, mounts: list[str], target: Target) -> str | None:
    if "://" not in uri:
        if target == "oss" and any(f"{uri}/".startswith(mount) for mount in mounts):
            return None
        return "lies in the container only" if uri.startswith("/") else "is no place in a cluster"
    try:
        cluster_address(uri, OBJECT_STORES if key == "input_base" else BASE_PATHS)
    except ValueError as error:
        return f"is refused: {error}"
    return None


def _pattern(key: str, uri: str) -> str | None:
    """What is read below a folder is matched with patterns of its own."""
    try:
        refuse_patterns(uri, FOLDERS if key == "input_base" else MODELS)
        refuse_placeholders(uri)
    except ValueError as error:
        return f"is refused: {error}"
    return None


def _advice(key: str, name: str, uri: str, target: Target) -> str:
    param = f" or --param {name}=gs://…" if name else ""
    volume = ""
    if target == "oss" and uri.startswith("/"):
        volume = ", or mount a volume there: kubeflow.all.volumes in the settings"
    return f"compile with {_FLAGS[key]} gs://BUCKET/FOLDER{param}{volume}"


def _uris(task: Task) -> Iterator[tuple[str, str, str]]:
    """Input, the parameter of the run behind it, and the place."""
    for key, value in task.constants():
        if key in ("input_base", "base_path"):
            yield key, "", str(value)
        elif key == "push_destination":
            folder = mapping(_json(value), "filesystem").get("base_directory")
            yield key, "", str(folder or "")
    for key, source in sorted(task.given("parameters").items()):
        name = str(source.get("componentInputParameter", ""))
        default = mapping(task.dag.inputs("parameters"), name).get("defaultValue")
        if key in _FLAGS and default is not None:
            yield key, name, str(default)


def _mounts(documents: Documents, task: Task) -> list[str]:
    """Folders on volumes, each with a slash at its end."""
    mounts: list[Mapping[str, Any]] = mapping(documents.platform, task.label).get("pvcMount") or []
    return [f"{str(m.get('mountPath')).rstrip('/')}/" for m in mounts if name_of(m, CLAIM) != ""]


def _project(task: Task) -> list[str]:
    variables = task.container.get("env") or ()
    return [f"{v.get('value')}/" for v in variables if v.get("name") == "PYTHONPATH"]


def _json(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return None


CHECKS = (
    Check("pipeline-root", pipeline_root),
    Check("no-pipeline-root", no_pipeline_root, "warning"),
    Check("places", places),
    Check("base-paths", base_paths),
    Check("hub-handle", hub_handle),
)
