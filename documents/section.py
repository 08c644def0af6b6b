"""Groups of settings, which nodes get as JSON, and what is said of a setting that is wrong."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pydantic

from documents.shown import shown


class Section(pydantic.BaseModel):
    """A group of settings: unknown keys are refused, values never change after loading.

    A value has the very type that is declared: `true` is no number, and a number no text. Numbers
    are finite.
    """

    model_config = pydantic.ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False
    )


def refusal(
    error: pydantic.ValidationError,
    section: type[Section],
    *,
    prefix: str = "",
    where: Callable[[str], str] = lambda key: "",
) -> str:
    """One sentence about the most telling of pydantic's findings: key, value, and what it may be.

    Args:
      error: raised by a validation of `section`.
      prefix: what stands before the keys of `section`, e.g. `training.`.
      where: a setting stands, by its key, e.g. ` in configs/quick.yaml`.
    """
    findings: list[Any] = list(error.errors(include_url=False))
    # An unknown key explains a missing one.
    found = min(findings, key=lambda finding: finding["type"] != "extra_forbidden")
    key = prefix + ".".join(str(part) for part in found["loc"])
    place = where(key)
    key = short(key)
    if found["type"] == "extra_forbidden":
        return f"Unknown key `{key}`{place}: {_known(found['loc'], section, prefix)}"
    if found["type"] == "missing":
        return f"Key `{key}` is missing{place}."
    message = found["msg"].removeprefix("Value error, ").rstrip(".")
    message = re.sub(r"^(Input|String|List|Dictionary) should", "it should", message)
    message = re.sub(r"a valid dictionary or instance of \w+", "a mapping of settings", message)
    value = found["input"]
    shown_value = (
        "" if isinstance(value, (Mapping, list, pydantic.BaseModel)) else f" = {short_repr(value)}"
    )
    name = f"Setting `{key}`{shown_value}{place}" if key else f"Settings{place}"
    return f"{name} {'is' if key else 'are'} refused: {message}."


def short(text: object, longest: int = 60) -> str:
    """`text` as it may be shown: on one line, bounded, without control characters."""
    line = shown(text)
    return line if len(line) <= longest else f"{line[: longest - 3]}..."


def short_repr(value: object) -> str:
    """As `short`, with the quotes and escapes of Python."""
    return short(repr(value))


def _known(location: tuple[int | str, ...], section: type[Section], prefix: str) -> str:
    """The closest known key: beside the unknown one, or of its name elsewhere."""
    *parents, wrong = map(str, location)
    beside: type[pydantic.BaseModel] = section
    for parent in parents:
        # The index of a list or the key of a mapping leads nowhere else.
        field = beside.model_fields.get(parent)
        beside = (field and _section_of(field.annotation)) or beside
    close = difflib.get_close_matches(wrong, beside.model_fields, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{short(prefix + '.'.join([*parents, close[0]]))}`?"
    elsewhere = {key.rpartition(".")[2]: key for key in reversed([*_keys(section, prefix)])}
    close = difflib.get_close_matches(wrong, elsewhere, n=1, cutoff=0.8)
    if close:
        return f"did you mean `{elsewhere[close[0]]}`?"
    return f"known keys: {', '.join(beside.model_fields)}."


def _keys(section: type[pydantic.BaseModel], prefix: str) -> Iterator[str]:
    for name, field in section.model_fields.items():
        yield prefix + name
        nested = _section_of(field.annotation)
        if nested:
            yield from _keys(nested, f"{prefix}{name}.")


def _section_of(annotation: Any) -> type[pydantic.BaseModel] | None:
    """The model inside an annotation such as `Section`, `list[Section]`, `dict[str, Section]`."""
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _section_of(argument)
        if found:
            return found
    return None
