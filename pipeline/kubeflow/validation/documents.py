"""A compiled file: its two documents, and looks into them that tolerate what is not there."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.kubeflow.custom_job import container_of, is_launcher, pools_of
from pipeline.kubeflow.validation.messages.pipeline import PIPELINE_MESSAGES
from pipeline.kubeflow.validation.messages.strict import strict
from pipeline.kubeflow.validation.said import AGAIN, Said
from pipeline.kubeflow.validation.yaml_file import YamlFileError, read_yaml_file

ROOT = "root"


class DocumentsError(ValueError):
    """The file cannot be read as YAML documents, or none of them is a pipeline."""


@dataclasses.dataclass(frozen=True)
class Task:
    """One task of a DAG, with what stands behind it; empty where the file lacks it."""

    name: str
    spec: Mapping[str, Any]
    dag: Dag
    component: Mapping[str, Any]
    label: str
    executor: Mapping[str, Any]

    @property
    def container(self) -> Mapping[str, Any]:
        """That of the step; of a custom job that of its chief."""
        container = mapping(self.executor, "container")
        return next(iter(_of_job(container, self.component)), container)

    def defined(self, side: str, kind: str) -> Mapping[str, Any]:
        """Definitions by name; `side` is input or output, `kind` artifacts or parameters."""
        return mapping(mapping(self.component, f"{side}Definitions"), kind)

    def given(self, kind: str) -> Mapping[str, Any]:
        """Sources by the input that takes them."""
        return mapping(mapping(self.spec, "inputs"), kind)

    def constants(self) -> Iterator[tuple[str, Any]]:
        """Inputs with the constants that they are given."""
        for key, source in sorted(self.given("parameters").items()):
            value = mapping(source, "runtimeValue").get("constant")
            if value is not None:
                yield key, value

    def takes(self) -> Iterator[tuple[str, str, str, str]]:
        """What other tasks give: input, kind (artifacts or parameters), task, its output."""
        for kind, source_kind, key in (
            ("artifacts", "taskOutputArtifact", "outputArtifactKey"),
            ("parameters", "taskOutputParameter", "outputParameterKey"),
        ):
            for name, source in sorted(self.given(kind).items()):
                if source_kind in source:
                    output = source[source_kind]
                    producer = str(output.get("producerTask", ""))
                    yield name, kind, producer, str(output.get(key, ""))

    def before(self) -> Sequence[str]:
        return self.spec.get("dependentTasks") or ()


@dataclasses.dataclass(frozen=True)
class Dag:
    """The tasks of the pipeline itself (`root`), or of a component that is made of tasks."""

    name: str
    component: Mapping[str, Any]

    @property
    def specs(self) -> Mapping[str, Any]:
        return mapping(mapping(self.component, "dag"), "tasks")

    def inputs(self, kind: str) -> Mapping[str, Any]:
        return mapping(mapping(self.component, "inputDefinitions"), kind)


@dataclasses.dataclass(frozen=True)
class Documents:
    """The PipelineSpec and Kubernetes' settings, as far as they are what the server reads."""

    spec: Mapping[str, Any]
    platform: Mapping[str, Any]
    """By executor label."""
    run_settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """Kubernetes' settings for a run as a whole."""
    kubernetes: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """All of them."""
    has_platform: bool = False
    misread: tuple[Said, ...] = ()
    """What the server would refuse to read, or drop."""
    misplaced: tuple[Said, ...] = ()
    """Whole documents of which the same holds."""

    @property
    def tasks(self) -> Mapping[str, Any]:
        """The pipeline's own, by name."""
        return Dag(ROOT, mapping(self.spec, ROOT)).specs

    @property
    def executors(self) -> Mapping[str, Any]:
        return mapping(mapping(self.spec, "deploymentSpec"), "executors")

    @property
    def components(self) -> Mapping[str, Any]:
        return mapping(self.spec, "components")

    @property
    def root_inputs(self) -> Mapping[str, Any]:
        """Definitions of what the pipeline takes."""
        return mapping(mapping(self.spec, ROOT), "inputDefinitions")

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Definitions of the pipeline's parameters."""
        return mapping(self.root_inputs, "parameters")

    def run_with(self, values: Mapping[str, Any]) -> Documents:
        """The same with these values of the pipeline's parameters as their defaults."""
        spec = copy.deepcopy(dict(self.spec))
        for name, value in values.items():
            spec[ROOT]["inputDefinitions"]["parameters"][name]["defaultValue"] = value
        return dataclasses.replace(self, spec=spec)

    def dags(self) -> Iterator[Dag]:
        yield Dag(ROOT, mapping(self.spec, ROOT))
        for name, component in sorted(self.components.items()):
            if "dag" in component:
                yield Dag(name, component)

    def all_tasks(self) -> Iterator[Task]:
        """Those of the pipeline and of its components that are made of tasks."""
        for dag in self.dags():
            for name in sorted(dag.specs):
                yield self.task(dag, name)

    def task(self, dag: Dag, name: str) -> Task:
        spec = mapping(dag.specs, name)
        component = mapping(self.components, str(mapping(spec, "componentRef").get("name")))
        label = str(component.get("executorLabel", ""))
        return Task(name, spec, dag, component, label, mapping(self.executors, label))

    def containers(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Executor labels with their containers, a custom job's with those of its machines."""
        components = {str(c.get("executorLabel")): c for c in self.components.values()}
        for label, executor in sorted(self.executors.items()):
            if "container" in executor:
                container = executor["container"]
                found = _of_job(container, components.get(label, {})) or [container]
                yield from ((label, each) for each in found)

    def jobs(self) -> Iterator[tuple[Task, Mapping[str, Any]]]:
        """Tasks that start a custom job, with the container that does."""
        for task in self.all_tasks():
            container = mapping(task.executor, "container")
            if is_launcher(container):
                yield task, container


def _of_job(container: Mapping[str, Any], component: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The containers of a custom job, each once; nothing where no job is started."""
    if not is_launcher(container):
        return []
    found: list[Mapping[str, Any]] = []
    for pool in pools_of(component):
        each = container_of(strict(pool, "WorkerPoolSpec")[0])
        if each not in found:
            found.append(each)
    return found


def mapping(value: Any, key: str) -> Mapping[str, Any]:
    """The mapping under `key`; empty where there is none."""
    # Of YAML and JSON it is a dict; to ask for any mapping takes ten times as long.
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def read_documents(file: Path) -> Documents:
    """Reads a compiled file.

    Raises:
      DocumentsError: it is missing, too large, not YAML, or holds no PipelineSpec.
    """
    try:
        found = read_yaml_file(file)
    except YamlFileError as error:
        raise DocumentsError(f"{error}.") from error
    return parse_documents(found, str(file))


def parse_documents(found: Sequence[Any], name: str) -> Documents:
    """The documents of a file as the server picks them; `name` is the file's, for messages.

    Raises:
      DocumentsError: none of them is a PipelineSpec.
    """
    misplaced: list[Said] = []
    specs = [document for document in found if _is_spec(document)]
    if not specs:
        raise DocumentsError(f"{name} holds no pipeline; {AGAIN}.")
    others = [d for d in found if not _is_spec(d) and d is not None]
    if len(specs) > 1:
        what = f"holds {len(specs)} pipelines, and a file may hold one"
        misplaced.append(Said(name, what, "leave the other one out"))
    elif found[0] is not specs[0]:
        what = "does not begin with the pipeline, as kfp's client expects"
        misplaced.append(Said(name, what, "put the document with root first"))
    if len(others) > 1:
        what = f"holds {len(others)} documents beside the pipeline; only `platforms` is read"
        misplaced.append(Said(name, what, "leave the others out"))
    spec, misread = strict(specs[0], "PipelineSpec")
    platform: Mapping[str, Any] = {}
    if others:
        # The server drops a document that it cannot read as this one, and all that is in it.
        platform, more = strict(others[0], "PlatformSpec")
        misread += more
        if "kubernetes" not in mapping(platform, "platforms"):
            what = "has a document without platforms.kubernetes, which is dropped without a word"
            misplaced.append(Said(name, what, "put its settings below platforms.kubernetes"))
    kubernetes = mapping(mapping(platform, "platforms"), "kubernetes")
    executors = mapping(mapping(kubernetes, "deploymentSpec"), "executors")
    of_run = mapping(kubernetes, "pipelineConfig")
    return Documents(
        spec, executors, of_run, kubernetes, bool(others), tuple(misread), tuple(misplaced)
    )


def _is_spec(document: Any) -> bool:
    """Whether it is meant as a pipeline; nothing else in a file has these fields."""
    meant = set(PIPELINE_MESSAGES["PipelineSpec"]) - {"deploymentSpec"}
    return isinstance(document, Mapping) and bool(meant & set(document))
