"""Checks of containers and places: images, classes, resources, URIs, secrets. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.kubeflow.postprocess import CLASS_FLAG, UNCACHED_ON_OSS, Target
from pipeline.kubeflow.validation.documents import Documents, mapping
from pipeline.kubeflow.validation.finding import Check, Said
from pipeline.kubeflow.validation.graph import AGAIN
from pipeline.kubeflow.validation.source import missing

MAX_ARGUMENT = 100 * 1024
"""Bytes; Linux refuses a single argument over 128 KiB, and the ExecutorInput is filled in yet."""
_ROOTS: Mapping[Target, tuple[str, ...]] = {
    "oss": ("gs://", "s3://", "minio://", "oci://"),
    "vertex": ("gs://",),
}
_GPUS: Mapping[Target, re.Pattern[str]] = {
    "oss": re.compile(r"[a-z0-9.-]+\.[a-z]+/[a-zA-Z0-9._-]+"),
    "vertex": re.compile(r"(NVIDIA|TPU)_[A-Z0-9_]+"),
}
_GPU_EXAMPLES: Mapping[Target, str] = {"oss": "nvidia.com/gpu", "vertex": "NVIDIA_TESLA_T4"}
_CLASS_INPUTS = ("run_fn", "module_fn", "preprocessing_fn")
_PLACES = ("input_base", "base_path")


def images(documents: Documents, target: Target) -> Iterator[Said]:
    for image, labels in _images(documents):
        name = image.rpartition("/")[2]
        if "@" not in name and (":" not in name or name.endswith(":latest")):
            yield (
                f"image {image or '(none)'} of {labels} is not pinned: it may change between steps",
                "compile with --image REPOSITORY@sha256:DIGEST",
            )


def image_digests(documents: Documents, target: Target) -> Iterator[Said]:
    for image, labels in _images(documents):
        name = image.rpartition("/")[2]
        if "@" not in name and ":" in name and not name.endswith(":latest"):
            yield (
                f"image {image} of {labels} is named by a tag: under the same tag cached steps do "
                "not notice new code",
                "compile with --image REPOSITORY@sha256:DIGEST",
            )


def classes(documents: Documents, target: Target) -> Iterator[Said]:
    fix = "move it into a module of this project that the image holds, or mend its name"
    for label, container in documents.containers():
        arguments = _strings(container.get("args"))
        if CLASS_FLAG in arguments[:-1]:
            why = missing(arguments[arguments.index(CLASS_FLAG) + 1])
            if why:
                yield f"executor class of {label}: {why}", fix
    for task in sorted(documents.tasks):
        for key, value in documents.constants(task):
            why = missing(str(value)) if key in _CLASS_INPUTS else None
            if why:
                yield f"{task}.{key}: {why}", fix


def argument_size(documents: Documents, target: Target) -> Iterator[Said]:
    for label, container in documents.containers():
        for number, argument in enumerate(_strings(container.get("args"))):
            if len(argument.encode()) > MAX_ARGUMENT:
                yield (
                    f"argument {number} of {label} has {len(argument.encode()) // 1024} KiB; "
                    f"over {MAX_ARGUMENT // 1024} KiB the container cannot start",
                    "pass the content as a file of the image or of the object store",
                )
    for task in sorted(documents.tasks):
        size = sum(len(str(value).encode()) for _, value in documents.constants(task))
        if size > MAX_ARGUMENT:
            yield (
                f"the inputs of {task} have {size // 1024} KiB together and are passed as one "
                f"argument; over {MAX_ARGUMENT // 1024} KiB the container cannot start",
                "pass the content as a file of the image or of the object store",
            )


def accelerators(documents: Documents, target: Target) -> Iterator[Said]:
    for label, container in documents.containers():
        accelerator = mapping(mapping(container, "resources"), "accelerator")
        kind = accelerator.get("type")
        if accelerator and not _GPUS[target].fullmatch(str(kind)):
            yield (
                f"{label} asks for the accelerator {kind}, which {target} does not know",
                f"set gpu_type of the node to one such as {_GPU_EXAMPLES[target]}, or leave it out",
            )


def pipeline_root(documents: Documents, target: Target) -> Iterator[Said]:
    root = documents.spec.get("defaultPipelineRoot")
    if not str(root or "").startswith(_ROOTS[target]):
        yield (
            f"the pipeline root is {root or 'missing'}; {target} writes to "
            f"{', '.join(_ROOTS[target])} only",
            "compile with another --pipeline-root",
        )


def places(documents: Documents, target: Target) -> Iterator[Said]:
    for task in sorted(documents.tasks):
        mounts = _mounts(documents, task)
        for key, uri in _uris(documents, task):
            if uri.startswith("gs://") or any(f"{uri}/".startswith(m) for m in mounts):
                continue
            local = "://" not in uri
            why = "lies in the container only" if local else "is none that TensorFlow can read"
            volume = ", or mount a volume there with kubeflow.all.volumes" if local else ""
            yield f"{task}.{key} = {uri} {why}", f"name a gs:// address{volume}"


def image_paths(documents: Documents, target: Target) -> Iterator[Said]:
    for task in sorted(documents.tasks):
        container = mapping(mapping(documents.executors, documents.label(task)), "container")
        folder = _variables(container).get("PYTHONPATH")
        paths = [
            *(
                ("schema_file", value)
                for k, value in documents.constants(task)
                if k == "schema_file"
            ),
            *(
                argument.split("=", 1)
                for argument in _strings(container.get("args"))
                if argument.startswith("--setup_file=")
            ),
        ]
        for key, path in paths:
            if folder and str(path).startswith("/") and not str(path).startswith(f"{folder}/"):
                yield (
                    f"{task}: {key} {path} is not below {folder}, the project in the image",
                    "set kubeflow.project_folder to the project's folder in the image, and "
                    + AGAIN,
                )


def hooks(documents: Documents, target: Target) -> Iterator[Said]:
    for label, container in documents.containers():
        hook = mapping(mapping(container, "lifecycle"), "preCacheCheck")
        command = " ".join(_strings(hook.get("command")))
        if hook and target == "oss":
            yield f"{label} has a preCacheCheck, which open-source Kubeflow never runs", AGAIN
        elif hook and "pipeline.kubeflow.entrypoint" not in command:
            yield f"the preCacheCheck of {label} is `{command}`, not our entry point", AGAIN


def platform(documents: Documents, target: Target) -> Iterator[Said]:
    if documents.platform and target == "vertex":
        yield (
            "Vertex AI ignores the settings for Kubernetes in this file",
            ("compile with --target vertex"),
        )
    for label in sorted(set(documents.platform) - set(documents.executors)):
        yield f"the settings for Kubernetes name {label}, which is no executor", AGAIN


def caching(documents: Documents, target: Target) -> Iterator[Said]:
    for task in sorted(UNCACHED_ON_OSS & set(documents.tasks)):
        options = mapping(mapping(documents.tasks, task), "cachingOptions")
        if target == "oss" and options.get("enableCache"):
            yield (
                f"{task} is cached, so it does not notice new data or another base path",
                f"leave kubeflow.nodes.{task}.cache out of the settings",
            )


def _images(documents: Documents) -> list[tuple[str, str]]:
    found: dict[str, list[str]] = {}
    for label, container in documents.containers():
        found.setdefault(str(container.get("image") or ""), []).append(label)
    return [(image, ", ".join(labels)) for image, labels in sorted(found.items())]


def _uris(documents: Documents, task: str) -> Iterator[tuple[str, str]]:
    for key, value in documents.constants(task):
        if key in _PLACES:
            yield key, str(value)
        elif key == "push_destination":
            directory = mapping(_json(value), "filesystem").get("base_directory")
            if directory:
                yield key, str(directory)
    for key, name in documents.wanted_parameters(task):
        default = mapping(documents.parameters, name).get("defaultValue")
        if key in _PLACES and default is not None:
            yield key, str(default)


def _mounts(documents: Documents, task: str) -> list[str]:
    """Folders on volumes, each with a slash at its end."""
    mounts = mapping(documents.platform, documents.label(task)).get("pvcMount") or ()
    paths = [str(mount.get("mountPath")) for mount in mounts if isinstance(mount, Mapping)]
    return [f"{path.rstrip('/')}/" for path in paths]


def _json(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return None


def _strings(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _variables(container: Mapping[str, Any]) -> dict[str, str]:
    given = container.get("env")
    items = given if isinstance(given, list) else []
    return {str(i.get("name")): str(i.get("value")) for i in items if isinstance(i, Mapping)}


CHECKS = (
    Check("images", images),
    Check("image-digests", image_digests, "warning"),
    Check("classes", classes),
    Check("argument-size", argument_size),
    Check("accelerators", accelerators),
    Check("pipeline-root", pipeline_root),
    Check("places", places),
    Check("image-paths", image_paths),
    Check("hooks", hooks),
    Check("platform", platform),
    Check("caching", caching, "warning"),
)
