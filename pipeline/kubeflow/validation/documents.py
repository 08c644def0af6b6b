"""A compiled file as untrusted input: size-bounded, safely parsed, and looked into. Pure but for
reading."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 8 * 1024 * 1024
"""Argo keeps a workflow in one object of at most 1.5 MB, so no file that works is near it."""


class DocumentsError(ValueError):
    """The file cannot be read as YAML documents."""


@dataclasses.dataclass(frozen=True)
class Documents:
    """The PipelineSpec and Kubernetes' settings; every look tolerates what is not there."""

    spec: Mapping[str, Any]
    platform: Mapping[str, Any]
    """By executor label."""

    @property
    def tasks(self) -> Mapping[str, Any]:
        return mapping(mapping(mapping(self.spec, "root"), "dag"), "tasks")

    @property
    def executors(self) -> Mapping[str, Any]:
        return mapping(mapping(self.spec, "deploymentSpec"), "executors")

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Definitions of the pipeline's parameters."""
        return mapping(mapping(mapping(self.spec, "root"), "inputDefinitions"), "parameters")

    def component(self, task: str) -> Mapping[str, Any]:
        reference = mapping(mapping(self.tasks, task), "componentRef")
        return mapping(mapping(self.spec, "components"), str(reference.get("name")))

    def label(self, task: str) -> str:
        return str(self.component(task).get("executorLabel"))

    def containers(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Executor labels with their containers."""
        for label, executor in sorted(self.executors.items()):
            if isinstance(executor, Mapping) and "container" in executor:
                yield label, mapping(executor, "container")

    def constants(self, task: str) -> Iterator[tuple[str, Any]]:
        """Inputs of a task with the constants they are given."""
        for key, source in self._sources(task, "parameters"):
            value = mapping(source, "runtimeValue").get("constant")
            if value is not None:
                yield key, value

    def producers(self, task: str) -> Iterator[tuple[str, str, str]]:
        """The tasks that `task` takes from: name, kind of output, key of output."""
        for side, kind, key in (
            ("artifacts", "taskOutputArtifact", "outputArtifactKey"),
            ("parameters", "taskOutputParameter", "outputParameterKey"),
        ):
            for _, source in self._sources(task, side):
                if kind in source:
                    output = mapping(source, kind)
                    yield str(output.get("producerTask")), side, str(output.get(key))

    def wanted_parameters(self, task: str) -> Iterator[tuple[str, str]]:
        """Inputs of a task with the pipeline's parameter that each takes."""
        for key, source in self._sources(task, "parameters"):
            if "componentInputParameter" in source:
                yield key, str(source["componentInputParameter"])

    def _sources(self, task: str, side: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        inputs = mapping(mapping(mapping(self.tasks, task), "inputs"), side)
        for key, source in sorted(inputs.items()):
            if isinstance(source, Mapping):
                yield key, source


def mapping(value: Any, key: str) -> Mapping[str, Any]:
    """The mapping under `key`; empty where there is none."""
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def read_documents(file: Path) -> Documents:
    """Reads a compiled file.

    Raises:
      DocumentsError: it is missing, too large, not YAML, or holds no PipelineSpec.
    """
    again = "write it with `python kubeflow_runner.py compile`"
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise DocumentsError(f"Cannot read {file}: {error.strerror}; {again}.") from error
    if len(content) > MAX_BYTES:
        raise DocumentsError(f"{file} is over {MAX_BYTES // 1024**2} MB; {again}.")
    try:
        found = list(yaml.load_all(content, Loader=_PlainLoader))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise DocumentsError(
            f"{file} is not plain YAML: {' '.join(str(error).split())}."
        ) from error
    spec = next((d for d in found if isinstance(d, Mapping) and "root" in d), None)
    if spec is None:
        raise DocumentsError(f"{file} holds no pipeline; {again}.")
    platform = next((d for d in found if isinstance(d, Mapping) and "platforms" in d), {})
    kubernetes = mapping(mapping(platform, "platforms"), "kubernetes")
    return Documents(spec, mapping(mapping(kubernetes, "deploymentSpec"), "executors"))


class _PlainLoader(yaml.SafeLoader):
    """Without aliases: a few hundred bytes of them stand for gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.composer.ComposerError(
                None, None, f"alias {event.anchor} is not allowed", event.start_mark
            )
        return super().compose_node(parent, index)
