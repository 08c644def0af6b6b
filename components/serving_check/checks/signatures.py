"""Does the candidate offer the signatures that clients rely on?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from components.serving_check.checks.check import Check
from components.serving_check.options import Options
from components.serving_check.signature_differences import default_differences, differences
from serving.clients.rest_client import RestClient

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "signatures"

SignatureDefs = Mapping[str, Mapping[str, Any]]
"""Signature name to SignatureDef in proto3 JSON form, as the metadata request answers."""


def measure(served: Served) -> SignatureDefs:
    """The signatures that the server reports, with the defaults in the candidate's own file: older
    servers do not tell them."""
    document = RestClient(served.server.rest_url, served.model_name).metadata()
    found = document["metadata"]["signature_def"]["signature_def"]
    own = {name: each.get("defaults", {}) for name, each in served.signatures.items()}
    return {name: {**each, "defaults": own.get(name, {})} for name, each in found.items()}


def judge(found: SignatureDefs, options: Options) -> list[Check]:
    """Passes when every expected signature is there with its inputs and outputs.

    Signatures beyond the expected ones are fine. Within an expected one an input too many breaks
    every client; an output too many breaks the clients of a single output, because the REST answer
    is then no longer the bare value (tensorflow/serving json_tensor.cc).
    """
    problems = [
        problem
        for name, expected in options.signatures.items()
        for problem in (
            *differences(name, expected, found.get(name)),
            *default_differences(name, expected, found.get(name, {}).get("defaults", {})),
        )
    ]
    names = ", ".join(options.signatures)
    return [
        Check(
            NAME,
            ok=not problems,
            expected=f"{names} with their inputs and outputs",
            found="; ".join(problems) or "all of them",
        )
    ]
