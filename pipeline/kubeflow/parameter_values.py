"""Values of the pipeline's parameters as people write them, `NAME=VALUE`, held against their type.

Kubeflow's server compares kinds of JSON only: it takes 1.5 for a whole number. Pure.
"""

from __future__ import annotations

import argparse
import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from documents.settings.section import short, short_repr
from pipeline import yaml_values

UNSPECIFIED = "PARAMETER_TYPE_ENUM_UNSPECIFIED"
_EXACT = 2**53
"""Every number is a double there."""


class ParameterError(ValueError):
    """A value does not fit; the message is a sentence."""


def add_values(
    parser: argparse.ArgumentParser,
    told: str = "a parameter of the pipeline, over its default; may be repeated",
) -> None:
    """The option by which commands take values: `param`, a list of `NAME=VALUE`."""
    parser.add_argument("--param", action="append", default=[], metavar="NAME=VALUE", help=told)


def _whole(value: Any) -> bool:
    return _number(value) and float(value).is_integer() and abs(value) <= _EXACT


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


_KINDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "STRING": (lambda value: isinstance(value, str), "text"),
    "NUMBER_INTEGER": (_whole, "whole number"),
    "NUMBER_DOUBLE": (_number, "number"),
    "BOOLEAN": (lambda value: isinstance(value, bool), "true or false"),
    "LIST": (lambda value: isinstance(value, list), "list"),
    "STRUCT": (lambda value: isinstance(value, dict), "mapping"),
    "TASK_FINAL_STATUS": (lambda value: False, "value that can be given"),
    "TASK_CONFIG": (lambda value: False, "value that can be given"),
}
"""What a value of the type is, and how it is called."""


def misfit(value: Any, kind: str) -> str | None:
    """Why `value` is none of `kind`, e.g. `no whole number`; None where it fits."""
    fits, name = _KINDS.get(kind, (lambda value: True, ""))
    return None if fits(value) else f"no {name}" if name != "true or false" else f"not {name}"


def parse_parameter_values(
    given: Sequence[str], definitions: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Values by name of the parameters that `NAME=VALUE` items name.

    Args:
      definitions: ParameterSpecs of the pipeline, by name.

    Raises:
      ParameterError: an item does not read so, names no parameter or one twice, or its value is
        not of the parameter's type.
    """
    values: dict[str, Any] = {}
    for item in given:
        name, separator, text = item.partition("=")
        if not separator:
            raise ParameterError(f"--param {short_repr(item)} must read NAME=VALUE.")
        if name not in definitions:
            close = difflib.get_close_matches(name, definitions, n=1)
            if close:
                raise ParameterError(f"--param {short(name)}: did you mean {close[0]}?")
            known = ", ".join(sorted(definitions)) or "none"
            raise ParameterError(f"--param {short(name)}: the pipeline's parameters are: {known}.")
        if name in values:
            raise ParameterError(f"--param {short(name)} is given twice; give it once.")
        kind = str(definitions[name].get("parameterType", UNSPECIFIED))
        try:
            value = text if kind == "STRING" else yaml_values.parse(text)
        except yaml_values.YamlError as error:
            raise ParameterError(f"--param {short(item)} {error}.") from error
        why = misfit(value, kind)
        if why:
            raise ParameterError(f"--param {short(item)}: {short_repr(text)} is {why}.")
        allowed = definitions[name].get("literals")
        if allowed and value not in allowed:
            choice = ", ".join(map(str, allowed))
            raise ParameterError(f"--param {short(item)} must be one of {short(choice, 200)}.")
        values[name] = int(value) if kind == "NUMBER_INTEGER" else value
    return values
