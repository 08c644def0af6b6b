"""Checks of the graph: versions, names, components, executors, who takes what from whom. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from documents.settings.section import short_repr
from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import ROOT, Dag, Documents, mapping
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.said import Said
from pipeline.sections.kubernetes_names import not_argo, not_key, not_subdomain

_DRIVER = "-driver"
"""Each task becomes two of Argo's; the driver's name has this behind it."""
_LONGEST_TASK = 128 - len(_DRIVER)
_LONGEST_PIPELINE = 128
_EXIT = "ALL_UPSTREAM_TASKS_COMPLETED"


def schema_version(documents: Documents, target: Target) -> Iterator[Said]:
    version = documents.spec.get("schemaVersion")
    if version != "2.1.0":
        yield Said(f"schemaVersion {short_repr(version)}", "is not 2.1.0, the only one there is")


def sdk_version(documents: Documents, target: Target) -> Iterator[Said]:
    version = str(documents.spec.get("sdkVersion", ""))
    if not version.startswith(("tfx-", "kfp-")):
        yield Said(f"sdkVersion {short_repr(version)}", "does not say what compiled the file")


def old_constants(documents: Documents, target: Target) -> Iterator[Said]:
    for task in documents.all_tasks():
        for key, source in sorted(task.given("parameters").items()):
            if "constantValue" in mapping(source, "runtimeValue"):
                yield Said(f"{task.name}.{key}", "is a `constantValue`, the form of schema 2.0")


def names(documents: Documents, target: Target) -> Iterator[Said]:
    pipeline = str(mapping(documents.spec, "pipelineInfo").get("name", ""))
    why = not_subdomain(pipeline)
    if len(pipeline) > _LONGEST_PIPELINE or (target == "vertex" and "." in pipeline):
        why = f"must be small letters, digits and `-`, at most {_LONGEST_PIPELINE} of them"
    if why:
        where = f"the pipeline's name {short_repr(pipeline)}"
        yield Said(where, why, "change `name` in the settings")
    for task in documents.all_tasks():
        why = not_argo(task.name, _LONGEST_TASK)
        fix = "give the node another id with .with_id() in pipeline/pipeline.py"
        if why:
            yield Said(f"the node id {short_repr(task.name)}", why, fix)
        if f"{task.name}{_DRIVER}" in task.dag.specs:
            what = f"and {task.name}{_DRIVER} cannot both be: the second is what runs before it"
            yield Said(task.name, what, fix)
    for name, component in sorted(documents.components.items()):
        why = not_argo(name) if "dag" in component else not_key(name)
        if name == ROOT:
            why = "is taken by the pipeline itself"
        if why:
            yield Said(f"the component {short_repr(name)}", why)
    yield from _definitions(documents)


def _definitions(documents: Documents) -> Iterator[Said]:
    components = {**documents.components, ROOT: mapping(documents.spec, ROOT)}
    for component, spec in sorted(components.items()):
        for side in ("inputDefinitions", "outputDefinitions"):
            for kind in ("artifacts", "parameters"):
                for name in mapping(mapping(spec, side), kind):
                    why = not_key(name)
                    if name == "executor-logs" and (side, kind) == (
                        "outputDefinitions",
                        "artifacts",
                    ):
                        why = "is taken by the logs that Kubeflow keeps"
                    if why:
                        yield Said(f"{component}.{side}.{kind}.{short_repr(name)}", why)


def components(documents: Documents, target: Target) -> Iterator[Said]:
    for dag in documents.dags():
        if not dag.specs:
            yield Said(dag.name, "has no task")
    for task in documents.all_tasks():
        reference = mapping(task.spec, "componentRef").get("name")
        if not reference:
            yield Said(task.name, "names no component")
        elif reference not in documents.components:
            yield Said(task.name, f"has no component {reference} in the file")
        elif "dag" not in task.component and not task.label:
            yield Said(task.name, "has a component without executorLabel")
        elif "dag" not in task.component and task.label not in documents.executors:
            yield Said(task.name, f"has no executor {task.label} in the file")
        if not mapping(task.spec, "taskInfo").get("name"):
            yield Said(task.name, "has no taskInfo.name, which its driver asks for")
    if documents.spec and "dag" not in mapping(documents.spec, ROOT):
        yield Said("root", "is no dag")


def unused(documents: Documents, target: Target) -> Iterator[Said]:
    used = {mapping(task.spec, "componentRef").get("name") for task in documents.all_tasks()}
    for name in sorted(set(documents.components) - used):
        yield Said(f"the component {name}", "is used by no task")
    labels = {str(component.get("executorLabel")) for component in documents.components.values()}
    for label in sorted(set(documents.executors) - labels):
        yield Said(f"the executor {label}", "is used by no component")


def shared_containers(documents: Documents, target: Target) -> Iterator[Said]:
    """Kubeflow stores components under the hash of their container: one would stand for both."""
    seen: dict[str, tuple[str, Any]] = {}
    for name, component in sorted(documents.components.items()):
        container = mapping(documents.executors, str(component.get("executorLabel"))).get(
            "container"
        )
        if container is None:
            continue
        first, known = seen.setdefault(repr(container), (name, component))
        definitions = ("inputDefinitions", "outputDefinitions")
        if any(component.get(key) != known.get(key) for key in definitions):
            what = f"has the container of {first} and other inputs or outputs: one would be lost"
            yield Said(name, what, "give the container of one of them an argument of its own")


def executor_kinds(documents: Documents, target: Target) -> Iterator[Said]:
    known = {"container", "importer"} | ({"resolver"} if target == "vertex" else set())
    for label, executor in sorted(documents.executors.items()):
        kinds = set(executor)
        if len(kinds) != 1 or not kinds <= known:
            kind = ", ".join(sorted(kinds)) or "nothing"
            yield Said(
                f"executor {label}",
                f"is {kind}; {target} runs {' and '.join(sorted(known))} only",
                "replace the node by a component with an executor, as Baseline replaces Resolver",
            )
        elif "importer" in kinds and not mapping(executor, "importer").get("artifactUri"):
            what = "imports an artifact and has no artifactUri"
            yield Said(f"executor {label}", what, "give artifactUri a constant or a parameter")


def producers(documents: Documents, target: Target) -> Iterator[Said]:
    for task in documents.all_tasks():
        for _, kind, producer, key in task.takes():
            if producer not in task.dag.specs:
                what = f"takes {key or 'nothing'} from {producer or 'nobody'}, which is not there"
                yield Said(task.name, what)
            elif key not in documents.task(task.dag, producer).defined("output", kind):
                yield Said(task.name, f"takes {key} from {producer}, which has no such output")
        for before in task.before():
            if before not in task.dag.specs:
                yield Said(task.name, f"comes after {before}, which is not there")


def outputs(documents: Documents, target: Target) -> Iterator[Said]:
    """What a pipeline, or a component of tasks, gives as its own comes from one of its tasks."""
    fix = "name an output of one of its tasks, or take it away"
    for dag in documents.dags():
        given = mapping(mapping(dag.component, "dag"), "outputs")
        sources = [
            (key, "artifacts", selector, "outputArtifactKey")
            for key, found in mapping(given, "artifacts").items()
            for selector in mapping({"": found}, "").get("artifactSelectors") or ()
        ] + [
            (key, "parameters", mapping(found, "valueFromParameter"), "outputParameterKey")
            for key, found in mapping(given, "parameters").items()
            if "valueFromParameter" in mapping({"": found}, "")
        ]
        for kind in ("artifacts", "parameters"):
            declared = mapping(mapping(dag.component, "outputDefinitions"), kind)
            for key in sorted(set(declared) - set(mapping(given, kind))):
                yield Said(f"output {key} of {dag.name}", "is declared, and no task gives it", fix)
        for key, kind, source, name in sources:
            task, output = source.get("producerSubtask"), source.get(name)
            there = task in dag.specs and output in documents.task(dag, task).defined(
                "output", kind
            )
            if not there:
                what = f"is {output or 'nothing'} of {task or 'nobody'}, which is not there"
                yield Said(f"output {key} of {dag.name}", what, fix)


def recursion(documents: Documents, target: Target) -> Iterator[Said]:
    """Components of tasks that hold themselves: their workflow has no end."""
    holds = {
        dag.name: {str(mapping(task, "componentRef").get("name")) for task in dag.specs.values()}
        for dag in documents.dags()
    }
    for name in sorted(holds):
        seen: set[str] = set()
        waiting = [*holds[name]]
        while waiting:
            inner = waiting.pop()
            if inner in holds and inner not in seen:
                seen.add(inner)
                waiting += holds[inner]
        if name in seen:
            yield Said(f"the component {name}", "holds itself", "take that task away")


def cycles(documents: Documents, target: Target) -> Iterator[Said]:
    for dag in documents.dags():
        needs = {task: _needs(documents, dag, task) & set(dag.specs) for task in dag.specs}
        while True:
            free = [task for task, before in needs.items() if not before & set(needs)]
            if not free:
                break
            for task in free:
                del needs[task]
        if needs:
            yield Said(
                ", ".join(sorted(needs)),
                "need each other, so none of them can start",
                "take one of the edges away in pipeline/pipeline.py",
            )


def exits(documents: Documents, target: Target) -> Iterator[Said]:
    """Tasks that run when others ended, well or not: Argo hangs them on what they come after."""
    for dag in documents.dags():
        last = {
            name
            for name, spec in dag.specs.items()
            if mapping(spec, "triggerPolicy").get("strategy") == _EXIT
        }
        if last and last == set(dag.specs):
            yield Said(dag.name, "has only tasks that run after others")
        for name in sorted(last):
            if not documents.task(dag, name).before():
                yield Said(name, f"runs with {_EXIT} and comes after nobody, so it never runs")
        for name in sorted(set(dag.specs) - last):
            for before in sorted(_needs(documents, dag, name) & last):
                yield Said(name, f"comes after {before}, which runs when the others have ended")


def _needs(documents: Documents, dag: Dag, name: str) -> set[str]:
    task = documents.task(dag, name)
    return {str(before) for before in task.before()} | {taken[2] for taken in task.takes()}


CHECKS = (
    Check("schema-version", schema_version),
    Check("sdk-version", sdk_version, "warning"),
    Check("old-constants", old_constants),
    Check("names", names),
    Check("components", components),
    Check("unused", unused, "warning"),
    Check("shared-containers", shared_containers),
    Check("executor-kinds", executor_kinds),
    Check("producers", producers),
    Check("outputs", outputs),
    Check("recursion", recursion),
    Check("cycles", cycles),
    Check("exits", exits),
)
