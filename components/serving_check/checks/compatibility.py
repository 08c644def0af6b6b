"""Can the clients of the live version talk to the candidate as they are?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from components.serving_check.checks.check import Check
from components.serving_check.checks.signatures import SignatureDefs
from components.serving_check.options import Options
from documents.features import Features
from documents.reader import read
from documents.saved_model import EXTRA

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "compatibility"
PREDICT = "tensorflow/serving/predict"


class Offered(NamedTuple):
    """What clients of the live version know, and what the candidate makes of it."""

    live: SignatureDefs
    candidate: SignatureDefs
    moved: str | None = None
    """Which label has another place than in the live version."""


def measure(served: Served) -> Offered | None:
    """The signatures of both, and whether labels changed places; None when nothing is live."""
    if served.live is None or served.live_signatures is None:
        return None
    before = read(Features, str(served.live / EXTRA / Features.FILE))
    now = served.reference.described
    moved = now.label.moved(before.label) if now and before else None
    return Offered(served.live_signatures, served.signatures, moved)


def judge(found: Offered | None, options: Options) -> list[Check]:
    """Passes when nothing that the live version offers was removed, retyped or narrowed, and no
    label changed places."""
    if found is None:
        return []
    problems = list(breaks(found.live, found.candidate))
    if found.moved:
        problems.append(f"{found.moved} in the live version, which clients may tell by its place")
    return [
        Check(
            NAME,
            ok=not problems,
            expected="the signatures of the live version, none removed, retyped or narrowed",
            found="; ".join(problems) or "all of them",
        )
    ]


def offers(live: Mapping[str, Any], candidate: Mapping[str, Any], output: str) -> bool:
    """Whether one request can be sent to a signature of both, and both answer `output`."""
    inputs = [
        {key: info.get("dtype") for key, info in each.get("inputs", {}).items()}
        for each in (live, candidate)
    ]
    answered = all(output in each.get("outputs", {}) for each in (live, candidate))
    return bool(inputs[0]) and inputs[0] == inputs[1] and answered


def breaks(live: SignatureDefs, candidate: SignatureDefs) -> Iterator[str]:
    """Yields one clause for each way in which the candidate breaks clients of the live version.

    New signatures and, beside several, new outputs are fine. A new input is not: every client would
    have to send it. Nor is a second output: the REST answer of a single one is its bare value.
    """
    for name, before in sorted(live.items()):
        now = candidate.get(name)
        if now is None:
            yield f"signature {name} is gone"
            continue
        for key in sorted(set(before.get("defaults", {})) - set(now.get("defaults", {}))):
            yield f"{name} no longer fills in {key} where a request leaves it out"
        for kind in ("inputs", "outputs"):
            old, new = before.get(kind, {}), now.get(kind, {})
            for key in sorted(set(old) - set(new)):
                yield f"{name} lost {kind[:-1]} {key}"
            if kind == "inputs" or len(old) == 1:
                for key in sorted(set(new) - set(old)):
                    yield f"{name} got {kind[:-1]} {key}"
            for key in sorted(set(old) & set(new)):
                yield from _tensor_breaks(f"{name} {kind[:-1]} {key}", old[key], new[key])


def _tensor_breaks(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old.get("dtype") != new.get("dtype"):
        yield f"{name} was {old.get('dtype')} and is {new.get('dtype')}"
    before, now = _sizes(old), _sizes(new)
    if now is None:
        return  # takes any shape
    # A dimension may be opened, never closed or changed.
    same_rank = before is not None and len(before) == len(now)
    if not same_rank or any(b != n and n != -1 for b, n in zip(before or (), now, strict=False)):
        was = "any shape" if before is None else json.dumps(before)
        yield f"{name} had shape {was} and has {json.dumps(now)}"


def _sizes(tensor: Mapping[str, Any]) -> list[int] | None:
    shape = tensor.get("tensor_shape", {})
    if shape.get("unknown_rank"):
        return None
    return [int(dimension.get("size", 0)) for dimension in shape.get("dim", [])]
