"""Checks of what is mounted: claims, secrets, ConfigMaps, empty folders. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from documents.settings.section import short_repr
from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import Documents
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.pods.named import Named, name_of, named, parameter_there
from pipeline.kubeflow.validation.said import Said
from pipeline.sections.kubernetes_names import not_label, not_mount_path, not_subdomain, quantity

_FIX = "mend `volumes` or `secrets` below kubeflow in the settings, and compile again"
CLAIM = Named("constant", "pvcNameParameter")
_KINDS = {
    "pvcMount": CLAIM,
    "secretAsVolume": Named("secretName", "secretNameParameter"),
    "configMapAsVolume": Named("configMapName", "configMapNameParameter"),
    "emptyDirMounts": Named("volumeName", ""),
    "genericEphemeralVolume": Named("volumeName", ""),
}
_KUBEFLOWS = ("/kfp-launcher", "/gcs", "/s3", "/minio", "/.local", "/.cache", "/.config")
_SYSTEMS = (
    *("/bin", "/dev", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr/bin", "/usr/lib"),
    *("/usr/local/bin", "/usr/local/lib"),
)
_MODES = frozenset({"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"})
_THEIRS = frozenset(
    (
        *("kfp-launcher", "gcs-scratch", "s3-scratch", "minio-scratch", "dot-local-scratch"),
        *("dot-cache-scratch", "dot-config-scratch", "ca-bundle", "custom-ca", "kfp-workspace"),
    )
)
"""Names of volumes that every step of Kubeflow has."""


def names(documents: Documents, target: Target) -> Iterator[Said]:
    for label, field, where, mount in _mounts(documents):
        fields = _KINDS[field]
        if field == "pvcMount" and not {"constant", "pvcNameParameter"} & set(mount):
            yield from parameter_there(documents, label, where, mount)
            if not {"componentInputParameter", "taskOutputParameter"} & set(mount):
                yield Said(where, "names no claim", _FIX)
            continue
        yield from named(documents, label, where, mount, fields, not_label)
        if name_of(mount, fields) in _THEIRS:
            yield Said(where, f"is called {name_of(mount, fields)}, as one of Kubeflow's own", _FIX)


def paths(documents: Documents, target: Target) -> Iterator[Said]:
    seen: dict[tuple[str, str], str] = {}
    containers = dict(documents.containers())
    for label, _, where, mount in _mounts(documents):
        path = str(mount.get("mountPath", ""))
        why = not_mount_path(path)
        if why:
            yield Said(f"mountPath {short_repr(path)} of {where}", why, _FIX)
        elif theirs := _theirs(_plain(path)):
            yield Said(f"mountPath {short_repr(path)} of {where}", theirs, _FIX)
        elif (folder := _project(containers.get(label, {}))) and _holds(_plain(path), folder):
            what = f"hides {folder}, the project in the image"
            yield Said(f"mountPath {path} of {where}", what, _FIX)
        first = seen.setdefault((label, _plain(path)), where)
        if first != where:
            yield Said(f"mountPath {short_repr(path)} of {where}", f"is that of {first} too", _FIX)
        sub_path = str(mount.get("subPath", ""))
        if sub_path.startswith("/") or ".." in sub_path.split("/"):
            yield Said(
                f"subPath {short_repr(sub_path)} of {where}", "must stay in the volume", _FIX
            )


def _plain(path: str) -> str:
    """The folder that a container gets: `//gcs` and `/a/../gcs` are `/gcs`."""
    return posixpath.normpath("/" + path.lstrip("/"))


def _theirs(folder: str) -> str | None:
    if any(_holds(own, folder) or _holds(folder, own) for own in _KUBEFLOWS):
        return "is where Kubeflow keeps its own files"
    if any(_holds(folder, own) or _holds(own, folder) for own in _SYSTEMS):
        return "hides what the image needs to run"
    return None


def _project(container: Mapping[str, Any]) -> str:
    given = [variable for variable in container.get("env") or () if isinstance(variable, Mapping)]
    return next((str(each.get("value")) for each in given if each.get("name") == "PYTHONPATH"), "")


def _holds(folder: str, path: str) -> bool:
    return f"{path.rstrip('/')}/".startswith(f"{folder.rstrip('/')}/")


def shared_names(documents: Documents, target: Target) -> Iterator[Said]:
    """A volume is called as what is in it, so a claim and a secret of one name are one volume."""
    seen: dict[tuple[str, str], str] = {}
    for label, field, where, mount in _mounts(documents):
        name = name_of(mount, _KINDS[field])
        if name and seen.setdefault((label, name), field) != field:
            what = f"is called {short_repr(name)} like the {seen[label, name]} beside it"
            yield Said(where, what, _FIX)


def sizes(documents: Documents, target: Target) -> Iterator[Said]:
    for _, field, where, mount in _mounts(documents):
        if field == "genericEphemeralVolume":
            yield from _size(where, str(mount.get("size", "")), "size")
            modes = mount.get("accessModes") or ()
            if not modes or not set(modes) <= _MODES:
                yield Said(where, f"needs accessModes among {', '.join(sorted(_MODES))}", _FIX)
            if not mount.get("defaultStorageClass") and not mount.get("storageClassName"):
                yield Said(where, "has neither defaultStorageClass nor storageClassName", _FIX)
            storage = str(mount.get("storageClassName", ""))
            if storage and not_subdomain(storage):
                what = f"has the storageClassName {short_repr(storage)}, which "
                yield Said(where, what + str(not_subdomain(storage)), _FIX)
        elif field == "emptyDirMounts":
            if mount.get("sizeLimit"):
                yield from _size(where, str(mount["sizeLimit"]), "sizeLimit")
            if mount.get("medium", "") not in ("", "Memory"):
                yield Said(where, f"has the medium {short_repr(mount['medium'])}, not Memory", _FIX)


def _size(where: str, text: str, field: str) -> Iterator[Said]:
    if not quantity(text):
        what = f"has the {field} {short_repr(text)}, which is no quantity such as 10Gi"
        yield Said(where, what, _FIX)


def _mounts(documents: Documents) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
    """Executor, field, path in the file, and the mount."""
    for label, settings in sorted(documents.platform.items()):
        for field in _KINDS:
            for number, mount in enumerate(settings.get(field) or ()):
                yield label, field, f"{label}.{field}[{number}]", mount


CHECKS = (
    Check("volumes", names),
    Check("mount-paths", paths),
    Check("volume-names", shared_names),
    Check("volume-sizes", sizes),
)
