"""Digests of contents, noted as a run notes them."""

from pathlib import Path

from ml_metadata.proto import metadata_store_pb2

from pipeline.local.nodes.contents import PROPERTY, Contents


def record(uri: Path | str, contents: Contents) -> str:
    artifact = metadata_store_pb2.Artifact(uri=str(uri))
    contents.record(artifact)
    return artifact.custom_properties[PROPERTY].string_value
