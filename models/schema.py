"""The schema of the examples, derived from their declaration. Without TensorFlow."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from models.declaration import Declaration


def derive(declaration: Declaration) -> schema_pb2.Schema:
    """Every feature that examples hold, and the label, each as its kind demands.

    Domains of features stay open, so that a category that nobody has seen is no anomaly; that of
    the label is closed.
    """
    entries = [kind.schema_feature(name) for name, kind in declaration.used.items()]
    return schema_pb2.Schema(feature=[*entries, declaration.label.schema_feature()])


def derived_text(declaration: Declaration) -> str:
    """The same in text format."""
    text: str = text_format.MessageToString(derive(declaration))
    return text


def problems(declaration: Declaration, schema: schema_pb2.Schema) -> Iterator[str]:
    """What a curated schema says otherwise than the declaration, as ends of sentences about it."""
    found = {feature.name: feature for feature in schema.feature}
    if len(found) < len(schema.feature):
        yield "names a feature twice; leave one of them"
        return
    for wanted in derive(declaration).feature:
        kind = schema_pb2.FeatureType.Name(wanted.type)
        has = found.get(wanted.name)
        if has is None or has.type != wanted.type:
            is_there = schema_pb2.FeatureType.Name(has.type) if has else "no such feature"
            yield f"must hold feature {wanted.name} of type {kind}, and has {is_there}"
        elif clash := _clash(wanted, has):
            yield f"has feature {wanted.name} {clash}"


def _clash(wanted: schema_pb2.Feature, has: schema_pb2.Feature) -> str | None:
    """A domain that leaves out what the declaration lets in."""
    low, high = wanted.int_domain.min, wanted.int_domain.max
    if wanted.HasField("int_domain") and has.HasField("int_domain"):
        domain = has.int_domain
        if domain.min > low or (domain.HasField("max") and domain.max < high):
            return f"from {domain.min} to {domain.max}, but label.values are {low} to {high}"
    if wanted.HasField("string_domain") and has.HasField("string_domain"):
        lost = sorted(set(wanted.string_domain.value) - set(has.string_domain.value))
        if lost:
            return f"without {lost[0]!r}, which label.values name"
    return None
