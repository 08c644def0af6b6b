"""Names of Kubernetes' objects in a file: written there, or taken from a parameter. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from documents.settings.section import short, short_repr
from pipeline.kubeflow.validation.documents import Documents, mapping
from pipeline.kubeflow.validation.said import Said

_FIX = "mend the name below kubeflow in the settings, and compile again"


class Named(NamedTuple):
    """The two fields that can hold a name."""

    plain: str
    parameter: str


def name_of(source: Mapping[str, Any], fields: Named) -> str | None:
    """The name as far as the file tells; None where it comes from a parameter of the run."""
    parameter = source.get(fields.parameter)
    if parameter is None:
        return str(source.get(fields.plain, ""))
    constant = mapping(parameter, "runtimeValue").get("constant", "")
    if "runtimeValue" in parameter or not parameter:
        return constant if isinstance(constant, str) else ""
    return None


def named(
    documents: Documents,
    label: str,
    where: str,
    source: Mapping[str, Any],
    fields: Named,
    refusal: Callable[[str], str | None],
) -> Iterator[Said]:
    """What is wrong with the name of `source`, a setting of the executor `label`."""
    name = name_of(source, fields)
    if name is None:
        yield from parameter_there(documents, label, where, source[fields.parameter])
        return
    why = refusal(name) if name else "must not be empty"
    if why:
        yield Said(f"{fields.plain} {short_repr(name)} of {where}", why, _FIX)


def parameter_there(
    documents: Documents, label: str, where: str, parameter: Mapping[str, Any]
) -> Iterator[Said]:
    """What a parameter asks of the dag around it, where that is not there."""
    wanted = parameter.get("componentInputParameter")
    output = mapping(parameter, "taskOutputParameter")
    for task in documents.all_tasks():
        if task.label != label:
            continue
        if wanted is not None and wanted not in task.dag.inputs("parameters"):
            yield Said(where, f"takes the parameter {short(wanted)}, which is not declared", _FIX)
        producer = str(output.get("producerTask"))
        key = str(output.get("outputParameterKey"))
        if output and key not in documents.task(task.dag, producer).defined("output", "parameters"):
            yield Said(where, f"takes {short(producer)}.{short(key)}, which is not there", _FIX)
