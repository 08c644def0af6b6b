"""Signatures that a candidate has beyond the expected ones, and how they can be asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from components.serving_check.options import Signature
from serving.server.signature import CLASSIFY_METHOD, REGRESS_METHOD


@dataclasses.dataclass(frozen=True)
class Further:
    """A signature that takes what an expected one takes."""

    like: str
    """The expected one."""
    signature: Signature


def further_signatures(
    found: Mapping[str, Mapping[str, Any]], expected: Mapping[str, Signature]
) -> dict[str, Further]:
    """Those of the candidate that are known to be asked like an expected one: by inputs of the same
    names and types, or of serialized tf.Examples, which classify and regress are for.

    Args:
      found: SignatureDefs in proto3 JSON form by name.
    """
    known = {}
    for name, definition in found.items():
        if name in expected or not definition.get("outputs"):
            continue
        inputs = _types(definition.get("inputs", {}))
        for like, signature in expected.items():
            if not _asked_alike(definition, inputs, signature):
                continue
            renamed = dict(zip(inputs, signature.inputs.values(), strict=True))
            if inputs.keys() == signature.inputs.keys():
                renamed = signature.inputs
            known[name] = Further(like, signature.model_copy(update={"inputs": renamed}))
            break
    return known


def _asked_alike(
    definition: Mapping[str, Any], inputs: Mapping[str, str], signature: Signature
) -> bool:
    if inputs == {name: tensor.dtype for name, tensor in signature.inputs.items()}:
        return True
    of_examples = definition.get("method_name") in (CLASSIFY_METHOD, REGRESS_METHOD)
    return of_examples and signature.feed == "example" and [*inputs.values()] == ["DT_STRING"]


def _types(inputs: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {name: str(info.get("dtype")) for name, info in inputs.items()}
