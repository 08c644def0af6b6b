"""What a run is given over the defaults of a compiled file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from documents.section import short
from pipeline import yaml_values
from pipeline.kubeflow.validation.documents import Documents, mapping


class SubmissionError(RuntimeError):
    """The arguments do not fit the file."""


def parse_parameters(given: Sequence[str], documents: Documents) -> dict[str, Any]:
    """`NAME=VALUE` items as values of the pipeline's parameters.

    Raises:
      SubmissionError: an item does not read so, names no parameter, or one without a default
        gets no value.
    """
    values: dict[str, Any] = {}
    for item in given:
        name, separator, text = item.partition("=")
        if not separator:
            raise SubmissionError(f"--param {item!r} must read NAME=VALUE.")
        if name not in documents.parameters:
            known = ", ".join(sorted(documents.parameters)) or "none"
            raise SubmissionError(f"--param {name}: the pipeline's parameters are: {known}.")
        kind = mapping(documents.parameters, name).get("parameterType")
        try:
            values[name] = text if kind == "STRING" else yaml_values.parse(text)
        except yaml_values.YamlError as error:
            raise SubmissionError(f"--param {short(item)} {error}.") from error
    for name in sorted(documents.parameters):
        if name not in values and "defaultValue" not in mapping(documents.parameters, name):
            raise SubmissionError(f"Parameter {name} has no default; add --param {name}=VALUE.")
    return values
