"""Draws documents of any kind, from the types that their classes declare."""

from __future__ import annotations

import math
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pydantic
from hypothesis import strategies as st

from documents.document import Part, Text
from documents.questions import Question

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
NUMBERS = st.floats(allow_nan=False)


def drawn(kind: type[Part]) -> st.SearchStrategy[Any]:
    """Documents, or parts of one, with some of the keys that have defaults, and keys of others."""
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in kind.model_fields.items():
        values = _limited(field.annotation, tuple(field.metadata))
        (required if field.is_required() else optional)[name] = values
    if "format" in optional:
        optional["format"] = st.just(getattr(kind, "FORMAT", 1))
    more = st.dictionaries(st.sampled_from(["newer", "x-note", "ü"]), JSON, max_size=1)
    return st.tuples(st.fixed_dictionaries(required, optional=optional), more).map(
        lambda found: kind(**found[0], **found[1])
    )


def _values(annotation: Any) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is Text:
        return TEXTS
    if origin is Annotated:
        return _limited(arguments[0], arguments[1:])
    if origin in (Union, types.UnionType):
        return st.one_of([_values(each) for each in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is dict:
        keys = TEXTS if arguments[0] is str else _values(arguments[0])
        return st.dictionaries(keys, _values(arguments[1]), max_size=3)
    if origin is tuple and arguments[-1] is ...:
        return st.lists(_values(arguments[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(_values, arguments))
    if annotation is Question:
        return st.builds(Question.of, TEXTS, st.binary(max_size=20), st.tuples(NUMBERS))
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return drawn(annotation)
    return {
        str: TEXTS,
        bool: st.booleans(),
        float: NUMBERS,
        int: st.integers(-(2**63), 2**63 - 1),
        type(None): st.none(),
        Any: JSON,
    }[annotation]


def _limited(kind: Any, limits: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    found: dict[str, Any] = {}
    for limit in limits:
        for each in getattr(limit, "metadata", [limit]):
            found |= {
                name: getattr(each, name)
                for name in ("ge", "le", "pattern")
                if getattr(each, name, None) is not None
            }
            if isinstance(each, pydantic.AfterValidator):
                return st.sampled_from(["1", ".withdrawn-7", ".staging-8-ab"])
    if "pattern" in found:
        return st.from_regex(found["pattern"].replace("$", r"\Z"), fullmatch=True)
    if kind is int:
        return st.integers(
            int(found.get("ge", -(2**63))), int(min(found.get("le", math.inf), 2**63 - 1))
        )
    return _values(kind)
