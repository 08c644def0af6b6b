"""The form of a model of columns: its fields, and the instance that filled in fields make."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from documents.cells import asked
from documents.cells.cell import CellError
from documents.features import Feature, Features
from documents.shown import shown
from serving.clients import signatures
from serving.clients.signatures import Input, Signatures

OF_COLUMNS = "serving_default"
_INTEGERS = {f"DT_{sign}INT{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)}
_TRUTHS = ("true", "false")

Cell = str | bytes | None
"""What a field holds: a text, the content of a PNG or JPEG file, or nothing where it is missing."""


class FormError(ValueError):
    """A field holds what cannot be sent; the message names it."""


@dataclasses.dataclass(frozen=True)
class Field:
    """One feature."""

    name: str
    kind: str
    """number, category, date, time, text or image; truth or json, where only the signature is
    known."""
    dtype: str
    """TensorFlow's name of what is sent."""
    may_miss: bool = False
    start: str | None = None
    """What the field holds at first, an image as base64; None where it is missing."""
    low: float | str | None = None
    """Between this and `high` lies nearly all that the model learned from."""
    high: float | str | None = None
    whole: bool = False
    """Whether numbers are counts, dates have no time of day, and times no seconds."""
    values: tuple[str, ...] = ()
    """The most frequent ones, the most frequent one first."""
    size: tuple[int, ...] | None = None
    """Height, width and channels of an image as the model sees it, where that is known."""


@dataclasses.dataclass(frozen=True)
class Form:
    """What a signature is asked with."""

    signature: str
    fields: tuple[Field, ...]
    features: Mapping[str, Feature] = dataclasses.field(default_factory=dict)
    """What is known of the fields, by name."""

    def instance(self, cells: Mapping[str, Cell]) -> dict[str, Any]:
        """What is sent.

        Raises:
          FormError: a field holds what its feature does not, or a cell is of no field.
        """
        unknown = sorted(cells.keys() - {field.name for field in self.fields})
        if unknown:
            raise FormError(f"The model takes no feature {shown(unknown[0])}.")
        return {
            field.name: _sent(field, cells.get(field.name), self.features.get(field.name))
            for field in self.fields
        }


def form_of(found: Signatures, document: Features | None) -> Form | None:
    """The form of a model; None where it is to be asked with one image.

    Args:
      found: its signatures.
      document: what lies beside it; None for a model of somebody else.

    Raises:
      SignatureError: no signature can be asked from a form.
    """
    inputs = found.get(OF_COLUMNS, ())
    if document and document.only_image is None:
        served = {each.input.name: each for each in document.features if each.input}
        if served.keys() == {item.name for item in inputs}:
            # In the order in which people declared them.
            by_name = {item.name: item for item in inputs}
            starts = _starts(document)
            return Form(
                OF_COLUMNS,
                tuple(
                    _declared(feature, by_name[name], starts) for name, feature in served.items()
                ),
                served,
            )
    elif signatures.image_signatures(found):
        return None
    if not found:
        raise signatures.SignatureError("The model has no signature for predict requests.")
    name = OF_COLUMNS if inputs else min(found)
    return Form(name, tuple(map(_guessed, found[name])))


def _starts(document: Features) -> Mapping[str, Any]:
    """The cells of the request that comes with the model."""
    request = document.example
    if request is None or request.signature_name != OF_COLUMNS or not request.instances:
        return {}
    first = request.instances[0]
    return first if isinstance(first, Mapping) else {}


def _declared(feature: Feature, item: Input, starts: Mapping[str, Any]) -> Field:
    options, seen = feature.options, feature.seen
    assert feature.input
    kind = feature.kind if feature.kind in _KINDS else _KIND_OF_DTYPE.get(item.dtype, "json")
    low, high = (seen.low, seen.high) if seen else (None, None)
    if kind == "number":
        # What the settings take for sound counts, beside what was seen.
        low = options["min"] if options.get("min") is not None else low
        high = options["max"] if options.get("max") is not None else high
    size = options.get("size") if kind == "image" else None
    return Field(
        name=item.name,
        kind=kind,
        dtype=item.dtype,
        may_miss=feature.input.missing is not None,
        start=_written(starts.get(item.name)),
        low=low,
        high=high,
        whole=bool(seen and seen.whole),
        values=seen.values if seen else (),
        size=(*size, options.get("channels", 1)) if size else None,
    )


def _guessed(item: Input) -> Field:
    """The field of an input of which nothing but the signature is known."""
    if item.is_picture:
        return Field(item.name, "image", item.dtype)
    if item.shape != (-1,):
        start = json.dumps(signatures.example_instance((item,)))
        return Field(item.name, "json", item.dtype, start=start)
    kind = _KIND_OF_DTYPE.get(item.dtype, "number")
    start = {"number": "0", "truth": "false"}.get(kind, "")
    return Field(item.name, kind, item.dtype, start=start, whole=item.dtype in _INTEGERS)


def _written(value: Any) -> str | None:
    """A value of a request as a field holds it."""
    if isinstance(value, Mapping):
        return str(value.get("b64", "")) or None
    if isinstance(value, float):
        return None if math.isnan(value) else f"{value:.7g}"
    return str(value) if value not in (None, "") else None


def _sent(field: Field, cell: Cell, feature: Feature | None) -> Any:
    if cell is None or (cell == "" and field.may_miss):
        if not field.may_miss:
            raise FormError(f"{shown(field.name)} is empty, and the model needs it.")
        return math.nan if field.dtype == "DT_FLOAT" else ""
    if (field.kind == "image") != isinstance(cell, bytes):
        raise FormError(f"{shown(field.name)} takes {_KINDS[field.kind].called}.")
    read = asked.reader_of_form(feature) if feature else None
    if read is None:
        return _KINDS[field.kind].sent(field, cell)
    try:
        found = read(cell)
    except CellError as error:
        raise FormError(f"{shown(field.name)} {shown(error.problem)}.") from error
    return _sent(field, None, None) if found is None else found


def _number(field: Field, cell: Any) -> float | int:
    try:
        if field.dtype in _INTEGERS:
            return int(cell.strip())
        number = float(cell.strip())
    except ValueError:
        number = math.inf
    if not math.isfinite(number):
        kind = "whole number" if field.dtype in _INTEGERS else "number"
        raise FormError(f"{shown(field.name)} holds {shown(repr(cell))}, which is no {kind}.")
    return number


def _truth(field: Field, cell: Any) -> bool:
    if cell not in _TRUTHS:
        raise FormError(f"{shown(field.name)} takes true or false.")
    return bool(cell == _TRUTHS[0])


def _json(field: Field, cell: Any) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise FormError(f"{shown(field.name)} holds no valid JSON: {error}.") from error


def _as_it_is(field: Field, cell: Any) -> Any:
    return cell


@dataclasses.dataclass(frozen=True)
class _Kind:
    called: str
    sent: Callable[[Field, Any], Any]


_KINDS = {
    "number": _Kind("a number", _number),
    "category": _Kind("a text", _as_it_is),
    "date": _Kind("a date", _as_it_is),
    "text": _Kind("a text", _as_it_is),
    "time": _Kind("a time of day", _as_it_is),
    "image": _Kind("a picture", _as_it_is),
    "truth": _Kind("true or false", _truth),
    "json": _Kind("JSON", _json),
}
_KIND_OF_DTYPE = {"DT_STRING": "text", "DT_BOOL": "truth", "DT_FLOAT": "number"}
