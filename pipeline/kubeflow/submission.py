"""What a run is given over the defaults of a compiled file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.kubeflow.parameter_values import ParameterError, parse_parameter_values
from pipeline.kubeflow.validation.documents import Documents, mapping


class SubmissionError(RuntimeError):
    """The arguments do not fit the file."""


def parse_parameters(given: Sequence[str], documents: Documents) -> dict[str, Any]:
    """`NAME=VALUE` items as values of the pipeline's parameters.

    Raises:
      SubmissionError: an item does not read so, names no parameter, or one without a default
        gets no value.
    """
    try:
        values = parse_parameter_values(given, documents.parameters)
    except ParameterError as error:
        raise SubmissionError(str(error)) from error
    for name in sorted(documents.parameters):
        if name not in values and "defaultValue" not in mapping(documents.parameters, name):
            raise SubmissionError(f"Parameter {name} has no default; add --param {name}=VALUE.")
    return values
