"""Groups of settings, which nodes get as JSON, and what is said of a setting that is wrong."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_origin

import pydantic

from documents.shown import shown

_LONGEST = 700
"""Characters of what is said of a value, which may hold the value itself."""


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
    # An unknown key explains a missing one, and a wrong value is more than none.
    ranks = {"extra_forbidden": 0, "missing": 2}
    found = min(findings, key=lambda finding: ranks.get(finding["type"], 1))
    if found["loc"] and str(found["loc"][-1]).startswith("literal["):
        # It is no word either; what is wrong within a mapping tells more.
        place, within = found["loc"][:-1], len(found["loc"])
        inner = (of for of in findings if of["loc"][: len(place)] == place)
        found = next((of for of in inner if len(of["loc"]) > within), found)
    location, beside = _resolved(found["loc"], section)
    key = prefix + ".".join(location)
    place = where(key)
    key = short(key)
    if found["type"] == "extra_forbidden":
        return f"Unknown key `{key}`{place}: {_known(location, beside, section, prefix)}"
    if found["type"] == "missing":
        return f"Key `{key}` is missing{place}."
    if found["type"] in _TAG_ERRORS:
        return _wrong_tag(found, key, place)
    message = found["msg"].removeprefix("Value error, ").rstrip(".")
    message = re.sub(r"^(Input|String|List|Dictionary) should", "it should", message)
    message = re.sub(
        r"a valid dictionary or (instance of \w+|object to .*)", "a mapping of settings", message
    )
    value = found["input"]
    shown_value = (
        "" if isinstance(value, (Mapping, list, pydantic.BaseModel)) else f" = {short_repr(value)}"
    )
    name = f"Setting `{key}`{shown_value}{place}" if key else f"Settings{place}"
    return f"{name} {'is' if key else 'are'} refused: {_with_both_ends(message)}."


def _with_both_ends(message: str) -> str:
    """Cut in the middle, where a value stands: what is wrong is told before it, the fix behind."""
    if len(message) <= _LONGEST:
        return message
    return f"{message[: _LONGEST - 200]} … {message[-200:]}"


def short(text: object, longest: int = 60) -> str:
    """`text` as it may be shown: on one line, bounded, without control characters."""
    line = shown(text)
    return line if len(line) <= longest else f"{line[: longest - 3]}..."


# To the last @, as people write passwords with any sign in them.
_PASSWORD = re.compile(r"(://[^/?#@:\s]*):.*@", re.DOTALL)


def short_repr(value: object) -> str:
    """As `short`, with the quotes and escapes of Python, and without the password of an address."""
    return short(_PASSWORD.sub(r"\1:…@", repr(value)))


def _resolved(
    location: tuple[int | str, ...], section: type[Section]
) -> tuple[list[str], type[pydantic.BaseModel]]:
    """The keys that people wrote, and the section in which the last of them stands.

    Between those keys pydantic puts what it tried: the tag of a union, or the name of a type.
    """
    keys: list[str] = []
    beside: type[pydantic.BaseModel] = section
    choices: dict[str, type[pydantic.BaseModel]] = {}
    entries = 0
    for index, part in enumerate(map(str, location)):
        if not entries and part in choices:
            beside, choices = choices[part], {}
            continue
        if keys and part.startswith(_TRIED):
            continue
        keys.append(part)
        if entries:  # The index of a list or the key of a mapping, whatever it is called.
            entries -= 1
            continue
        field = beside.model_fields.get(part)
        if field and index < len(location) - 1:
            choices = _choices(field)
            entries = int(get_origin(field.annotation) in (dict, list))
            beside = beside if choices else _section_of(field.annotation) or beside
    return keys, beside


_TRIED = ("list[", "dict[", "literal[")
_TAG_ERRORS = ("union_tag_invalid", "union_tag_not_found")


def _choices(field: Any) -> dict[str, type[pydantic.BaseModel]]:
    """The sections of a union by the tag that chooses between them; none where it is no such."""
    found = {}
    for model in _sections_of(field.annotation):
        kind = model.model_fields.get("kind")
        for tag in getattr(kind and kind.annotation, "__args__", ()):
            found[str(tag)] = model
    return found


def _wrong_tag(found: Any, key: str, place: str) -> str:
    """A section whose kind is missing or unknown."""
    context = found["ctx"]
    if found["type"] == "union_tag_not_found":
        return f"Key `{key}.kind` is missing{place}."
    known = [tag.strip().strip("'") for tag in context["expected_tags"].split(",")]
    close = difflib.get_close_matches(context["tag"], known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"choose among {', '.join(known)}."
    return f"Setting `{key}.kind` = {short_repr(context['tag'])}{place} is refused: {hint}"


def _known(
    location: list[str], beside: type[pydantic.BaseModel], section: type[Section], prefix: str
) -> str:
    """The closest known key: beside the unknown one, or of its name elsewhere."""
    *parents, wrong = location
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
        for nested in _sections_of(field.annotation):
            yield from _keys(nested, f"{prefix}{name}.")


def _section_of(annotation: Any) -> type[pydantic.BaseModel] | None:
    """The first model inside an annotation."""
    return next(_sections_of(annotation), None)


def _sections_of(annotation: Any) -> Iterator[type[pydantic.BaseModel]]:
    """The models inside one such as `Section`, `list[Section]`, `dict[str, This | That]`."""
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _sections_of(argument)
