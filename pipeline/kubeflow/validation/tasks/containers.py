"""Checks of containers: images, commands, arguments and what the image must hold. Pure but for
sources on disk."""

from __future__ import annotations

import difflib
import functools
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from documents.settings.section import short, short_repr
from pipeline.kubeflow import custom_job
from pipeline.kubeflow.entry.decision import OUTPUTS
from pipeline.kubeflow.postprocess import (
    CLASS_FLAG,
    DRIVER_FLAG,
    ENTRY_POINT,
    UNCACHED_ON_OSS,
    Target,
)
from pipeline.kubeflow.run_parameters import RUN_PARAMETERS
from pipeline.kubeflow.training_job.manifest import FLAG as JOB_FLAG
from pipeline.kubeflow.validation.documents import Documents, mapping
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.said import AGAIN, Said
from pipeline.kubeflow.validation.tasks.source import not_executor, not_function
from pipeline.sections.beam import BeamSettings
from pipeline.settings import REPOSITORY, SettingsError

_CLASS_INPUTS = ("run_fn", "module_fn", "preprocessing_fn")
_INPUT_FLAG = "--json_serialized_invocation_args"
_SPEC_FLAG = "--json_serialized_inputs_spec_args"
_OWN_FLAGS = (CLASS_FLAG, _INPUT_FLAG, _SPEC_FLAG)
"""Of the entry point, each before its value."""
_JOINED = (*(f"{flag}=" for flag in _OWN_FLAGS), "--setup_file=")
_EVERY_INPUT = "{{$}}"
_PIN = "compile with --image REPOSITORY@sha256:DIGEST"
_NAME = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?:[a-zA-Z0-9][a-zA-Z0-9.-]*(?::[0-9]+)?/)?{_NAME}(?:/{_NAME})*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
"""distribution/reference, with the one digest that registries use."""
_PYTHON = re.compile(r"(?:/[^ ]*/)?python(?:3(?:\.[0-9]+)?)?")
_USUAL = tuple(BeamSettings().arguments)
"""Options of Beam that are known to be right, without Beam."""


def image_names(documents: Documents, target: Target) -> Iterator[Said]:
    for label, container in documents.containers():
        image = str(container.get("image", ""))
        port = re.match(r"[^/@]*:([0-9]+)/", image)
        if not _IMAGE.fullmatch(image) or (port and not 0 < int(port[1][:9]) < 65_536):
            yield Said(label, f"has the image {short_repr(image)}, which is no name of one", _PIN)


def images(documents: Documents, target: Target) -> Iterator[Said]:
    for label, container in documents.containers():
        image = str(container.get("image", ""))
        name = image.rpartition("/")[2]
        if image and "@" not in name and (":" not in name or name.endswith(":latest")):
            what = f"has the image {short(image, 300)}, not pinned: it may change between steps"
            yield Said(label, what, _PIN)


def image_digests(documents: Documents, target: Target) -> Iterator[Said]:
    for label, container in documents.containers():
        image = str(container.get("image", ""))
        name = image.rpartition("/")[2]
        if "@" not in name and ":" in name and not name.endswith(":latest"):
            what = (
                f"has the image {short(image, 300)}: under the same tag cached steps do not notice "
            )
            yield Said(label, what + "new code", _PIN)


def commands(documents: Documents, target: Target) -> Iterator[Said]:
    """Only our entry point takes what open-source Kubeflow passes."""
    wanted = " ".join(ENTRY_POINT)
    for label, container in documents.containers():
        command = container.get("command") or []
        if not command:
            yield Said(label, f"has no command; it must be `{wanted}`")
        elif not _PYTHON.fullmatch(command[0]) or tuple(command[1:]) != ENTRY_POINT[1:]:
            what = f"has the command `{short(' '.join(command))}`, which is not our entry point"
            yield Said(label, what)


def arguments(documents: Documents, target: Target) -> Iterator[Said]:
    """What the entry point must be told, and that it agrees with the component."""
    components = {str(c.get("executorLabel")): c for c in documents.components.values()}
    for label, container in documents.containers():
        given = flags(container)
        for flag in _OWN_FLAGS:
            if flag not in given:
                close = difflib.get_close_matches(
                    flag, container.get("args") or (), n=1, cutoff=0.9
                )
                what = f"is started without {flag}" + (f", but with {close[0]}" if close else "")
                yield Said(label, what)
        makes = mapping(mapping(components.get(label), "outputDefinitions"), "artifacts")
        if makes and DRIVER_FLAG in (container.get("args") or ()):
            yield Said(label, f"is started with {DRIVER_FLAG}, so it makes no artifact")
        if _INPUT_FLAG in given and given[_INPUT_FLAG] != _EVERY_INPUT:
            shown = short_repr(given[_INPUT_FLAG])
            yield Said(label, f"gets {shown} for its inputs, not {_EVERY_INPUT}")
        if _SPEC_FLAG in given:
            yield from _spec_agrees(label, given[_SPEC_FLAG], components.get(label, {}))


def beam_options(documents: Documents, target: Target) -> Iterator[Said]:
    """What is none of the entry point's arguments goes to Beam, which passes over the unknown."""
    fix = f"mend beam.args in the settings, and {AGAIN}"
    for label, container in documents.containers():
        rest = []
        given = iter(container.get("args") or ())
        for argument in given:
            if argument in (*_OWN_FLAGS, JOB_FLAG):
                next(given, None)
            elif argument not in (DRIVER_FLAG, *_USUAL) and not argument.startswith(_JOINED):
                rest.append(argument)
        if rest:
            why = _refused_by_beam(tuple(rest))
            if why:
                yield Said(label, why, fix)


@functools.cache
def _refused_by_beam(arguments: tuple[str, ...]) -> str | None:
    from pipeline.beam_options import check_options

    try:
        check_options(arguments)
    except SettingsError as error:
        return "is started with what Beam refuses: " + short(str(error).rstrip("."), 300)
    return None


def _spec_agrees(label: str, text: str, component: Mapping[str, Any]) -> Iterator[Said]:
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        yield Said(label, f"gets {_SPEC_FLAG} that is not JSON")
        return
    defined = mapping(component, "inputDefinitions")
    for kind in ("artifacts", "parameters"):
        for name, definition in mapping(told, kind).items():
            if mapping(defined, kind).get(name) != definition:
                what = f"is told other {kind} than its component takes: {short(name)} differs"
                yield Said(label, what)
    ours = {*RUN_PARAMETERS, *OUTPUTS, *custom_job.PARAMETERS}
    added = {"parameters": ours, "artifacts": set()}
    for kind, own in added.items():
        for name in sorted(set(mapping(defined, kind)) - set(mapping(told, kind)) - own):
            what = f"is not told of the {kind[:-1]} {short(name)}, which its component takes"
            yield Said(label, what)


def classes(documents: Documents, target: Target) -> Iterator[Said]:
    fix = "move it into a module of this project that the image holds, or mend its name"
    for label, container in documents.containers():
        path = flags(container).get(CLASS_FLAG)
        why = not_executor(path) if path is not None else None
        if why:
            yield Said(f"the executor class of {label}", f"cannot be used: {why}", fix)
    for task in documents.all_tasks():
        for key, value in task.constants():
            why = not_function(str(value)) if key in _CLASS_INPUTS else None
            if why:
                yield Said(f"{task.name}.{key}", f"cannot be used: {why}", fix)


def image_paths(documents: Documents, target: Target) -> Iterator[Said]:
    for task in documents.all_tasks():
        folder = _variables(task.container).get("PYTHONPATH")
        paths = [
            *(("schema_file", value) for k, value in task.constants() if k == "schema_file"),
            *(
                argument.split("=", 1)
                for argument in task.container.get("args") or ()
                if argument.startswith("--setup_file=")
            ),
        ]
        for key, path in paths:
            where, shown = f"{task.name}.{key.lstrip('-')}", f"= {short(path, 300)}"
            if folder and not str(path).startswith(f"{folder}/") and "://" not in str(path):
                yield Said(
                    where,
                    f"{shown} is not below {folder}, the project in the image",
                    "set kubeflow.project_folder to its folder in the image, and compile again",
                )
            elif folder and key == "--setup_file" and not _is_ours(str(path)[len(folder) + 1 :]):
                yield Said(where, f"{shown} is no file of this project")


def _is_ours(path: str) -> bool:
    return (REPOSITORY / path).is_file()


def project_folders(documents: Documents, target: Target) -> Iterator[Said]:
    fix = "set kubeflow.project_folder to the project's folder in the image, and compile again"
    for label, container in documents.containers():
        folder = _variables(container).get("PYTHONPATH")
        if folder is None:
            yield Said(label, "has no PYTHONPATH, by which Python finds this project", fix)
        elif not folder.startswith("/"):
            yield Said(label, f"has PYTHONPATH = {short(folder)}, which is no absolute path", fix)


def same_images(documents: Documents, target: Target) -> Iterator[Said]:
    found = sorted({str(container.get("image")) for _, container in documents.containers()})
    if len(found) > 1:
        what = f"are several, so steps may run other code: {short(' and '.join(found), 300)}"
        yield Said("the images", what, "compile with one --image")


def hooks(documents: Documents, target: Target) -> Iterator[Said]:
    """Vertex AI asks ExampleGen for span and fingerprint before it looks into its cache."""
    reads_files = {
        t.label for t in documents.all_tasks() if "input_base" in t.defined("input", "parameters")
    }
    for label, container in documents.containers():
        hook = mapping(mapping(container, "lifecycle"), "preCacheCheck")
        command = " ".join(hook.get("command") or ())
        if "lifecycle" in container and target == "oss":
            what = "has a preCacheCheck, which open-source Kubeflow never runs"
            yield Said(label, what, "compile with --target oss")
        elif hook and "pipeline.kubeflow.entrypoint" not in command:
            yield Said(label, f"has the preCacheCheck `{short(command)}`, not our entry point")
        elif label in reads_files and not hook and target == "vertex":
            what = (
                "has no preCacheCheck, so Vertex AI does not notice new data; the file is for oss"
            )
            yield Said(label, what, "compile with --target vertex")


def caching(documents: Documents, target: Target) -> Iterator[Said]:
    for task in documents.all_tasks():
        cached = mapping(task.spec, "cachingOptions").get("enableCache")
        if target == "oss" and cached and task.name in UNCACHED_ON_OSS:
            what = "is cached, so it does not notice new data or another base path"
            yield Said(
                task.name,
                what,
                "leave `cache` of these nodes out of kubeflow.nodes in the settings",
            )


def flags(container: Mapping[str, Any]) -> dict[str, str]:
    """Arguments that stand before others, as the entry point reads them."""
    given = list(container.get("args") or ())
    pairs = dict(itertools.pairwise(given))
    joined = dict(argument.split("=", 1) for argument in given if re.match(r"--\w+=", argument))
    return {**pairs, **joined}


def _variables(container: Mapping[str, Any]) -> dict[str, str]:
    return {str(item.get("name")): str(item.get("value")) for item in container.get("env") or ()}


CHECKS = (
    Check("image-names", image_names),
    Check("images", images),
    Check("image-digests", image_digests, "warning"),
    Check("commands", commands),
    Check("arguments", arguments),
    Check("beam-options", beam_options),
    Check("classes", classes),
    Check("project-folders", project_folders),
    Check("one-image", same_images, "warning"),
    Check("image-paths", image_paths),
    Check("hooks", hooks),
    Check("caching", caching, "warning"),
)
