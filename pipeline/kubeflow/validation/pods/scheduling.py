"""Checks of where pods may run: selectors, tolerations, affinities. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from documents.settings.section import short_repr
from pipeline.kubeflow.postprocess import Target
from pipeline.kubeflow.validation.documents import Documents, mapping
from pipeline.kubeflow.validation.finding import Check
from pipeline.kubeflow.validation.pods.named import parameter_there
from pipeline.kubeflow.validation.said import Said
from pipeline.sections.kubernetes_names import not_label_value, not_qualified

_SELECTOR = "mend node_selector below kubeflow in the settings, and compile again"
_TOLERATION = "mend tolerations below kubeflow in the settings, and compile again"
_AFFINITY = "mend the affinity"
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")


def selectors(documents: Documents, target: Target) -> Iterator[Said]:
    for label, settings in sorted(documents.platform.items()):
        selector = settings.get("nodeSelector")
        if selector is None:
            continue
        where = f"{label}.nodeSelector"
        if "nodeSelectorJson" in selector:
            yield from parameter_there(documents, label, where, selector["nodeSelectorJson"])
        elif not mapping(selector, "labels"):
            yield Said(where, "selects nothing", _SELECTOR)
        yield from labels(where, mapping(selector, "labels"), _SELECTOR)


def labels(where: str, found: Mapping[str, str], fix: str) -> Iterator[Said]:
    for key, value in found.items():
        for what, text, why in (
            ("the key", key, not_qualified(key)),
            (f"the value of {short_repr(key)},", value, not_label_value(value)),
        ):
            if why:
                yield Said(f"{what} {short_repr(text)} of {where}", why, fix)


def tolerations(documents: Documents, target: Target) -> Iterator[Said]:
    for label, settings in sorted(documents.platform.items()):
        for number, toleration in enumerate(settings.get("tolerations") or ()):
            where = f"{label}.tolerations[{number}]"
            if "tolerationJson" in toleration:
                yield from parameter_there(documents, label, where, toleration["tolerationJson"])
            else:
                yield from (Said(where, what, _TOLERATION) for what in _toleration(toleration))


def _toleration(toleration: Mapping[str, Any]) -> Iterator[str]:
    key, value = toleration.get("key", ""), toleration.get("value", "")
    operator, effect = toleration.get("operator") or "Equal", toleration.get("effect", "")
    if operator not in ("Exists", "Equal"):
        yield f"has the operator {short_repr(operator)}; there are Exists and Equal"
    if not key and operator != "Exists":
        yield "has no key, which only the operator Exists may lack"
    if key and not_qualified(key):
        yield f"has the key {short_repr(key)}, which {not_qualified(key)}"
    if value and operator == "Exists":
        yield "has a value beside the operator Exists"
    if not_label_value(value):
        yield f"has the value {short_repr(value)}, which {not_label_value(value)}"
    if effect and effect not in EFFECTS:
        yield f"has the effect {short_repr(effect)}; there are {', '.join(EFFECTS)}"
    if "tolerationSeconds" in toleration and effect != "NoExecute":
        yield "has tolerationSeconds, which only the effect NoExecute may have"


def affinities(documents: Documents, target: Target) -> Iterator[Said]:
    for label, settings in sorted(documents.platform.items()):
        for number, term in enumerate(settings.get("nodeAffinity") or ()):
            where = f"{label}.nodeAffinity[{number}]"
            if "nodeAffinityJson" in term:
                yield from parameter_there(documents, label, where, term["nodeAffinityJson"])
                continue
            expressions, fields = term.get("matchExpressions") or (), term.get("matchFields") or ()
            if not expressions and not fields:
                yield Said(where, "is empty, so it is dropped", _AFFINITY)
            if "weight" in term and not 1 <= term["weight"] <= 100:
                yield Said(where, f"has the weight {term['weight']}, not 1 to 100", _AFFINITY)
            for what in (w for expression in expressions for w in _requirement(expression)):
                yield Said(where, what, _AFFINITY)
            for field in fields:
                one = len(field.get("values") or ()) == 1
                if field.get("key") != "metadata.name" or field.get("operator") not in (
                    "In",
                    "NotIn",
                ):
                    yield Said(
                        where, "matches a field other than metadata.name In or NotIn", _AFFINITY
                    )
                elif not one:
                    yield Said(where, "matches metadata.name with other than one value", _AFFINITY)


def _requirement(found: Mapping[str, Any]) -> Iterator[str]:
    key, operator = found.get("key", ""), found.get("operator", "")
    values = found.get("values") or []
    if not_qualified(key):
        yield f"has the key {short_repr(key)}, which {not_qualified(key)}"
    if operator not in _OPERATORS:
        yield f"has the operator {short_repr(operator)}; there are {', '.join(_OPERATORS)}"
    elif operator in ("In", "NotIn") and not values:
        yield f"has the operator {operator} without values"
    elif operator in ("Exists", "DoesNotExist") and values:
        yield f"has values beside the operator {operator}"
    elif operator in ("Gt", "Lt") and not (len(values) == 1 and values[0].lstrip("-").isdecimal()):
        yield f"has the operator {operator} without one whole number"
    for value in values:
        if not_label_value(value):
            yield f"has the value {short_repr(value)}, which {not_label_value(value)}"


CHECKS = (
    Check("node-selectors", selectors),
    Check("tolerations", tolerations),
    Check("affinities", affinities),
)
