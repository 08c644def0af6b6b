"""What a user's `preprocess(features)` makes of features, checked."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from documents.shown import shown
from models.declaration import RESERVED, Declaration
from models.features.category.kind import Category
from models.features.image.kind import Image
from models.features.kind import FeatureKind
from models.features.parts import Parts, one
from models.features.transforms import TRANSFORMS
from models.user_code import UserCodeError, UserFunction

FARTHEST = 1e30
"""Of numbers, either way."""
_DTYPES = (tf.float32, tf.int64, tf.string)
"""What a transform graph may give."""


def apply(
    function: UserFunction, declaration: Declaration, inputs: Mapping[str, Any]
) -> dict[str, tf.Tensor | tf.SparseTensor]:
    """Calls the function with every feature, [N]: numbers float32, NaN where one is missing; the
    other kinds string, empty where one is missing; images float32 [N, h, w, c] in [0, 1]. The
    graph raises InvalidArgumentError for numbers beyond FARTHEST.

    Raises:
      UserCodeError: it fails, or gives something else than tensors with a row for each example.
    """
    features = {name: _dense(kind, name, inputs[name]) for name, kind in declaration.used.items()}
    with function.blamed():
        made = function.load()(dict(features))
    if not isinstance(made, Mapping) or not made:
        raise UserCodeError(
            f"{function.title} returned {_called(made)}; return a dict of tensors by name."
        )
    for name, value in made.items():
        _check(function, name, value, declaration.label.name)
    return dict(made)


def parts_of(function: UserFunction, declaration: Declaration, made: Mapping[str, Any]) -> Parts:
    """As the transforms of kinds: for the network that is made here, not by the user.

    Declared features keep their kinds; what is new is a number or a category.

    Raises:
      UserCodeError: something fits no kind.
    """
    kinds = declaration.used
    lost = [name for name in declaration.images if name not in made]
    if lost:
        raise UserCodeError(
            f"{function.title} left out the image {shown(lost[0])}; return it, or make it"
            " {kind: ignore} in the settings."
        )
    found = (_parts(function, kinds.get(name), name, value) for name, value in made.items())
    return functools.reduce(operator.or_, found, Parts())


def _dense(kind: FeatureKind, name: str, values: Any) -> tf.Tensor:
    if kind.kind == "image":
        return TRANSFORMS["image"](kind, name, values).images[name]
    if kind.STORED != "FLOAT":
        return one(values, b"")
    number = one(values, float("nan"))
    # Networks that nobody bounded answer NaN to infinity; a served model refuses it instead.
    sound = tf.math.is_nan(number) | (tf.abs(number) <= FARTHEST)
    problem = tf.debugging.Assert(
        tf.reduce_all(sound), [f"{name} holds a number beyond {FARTHEST:g}:", number]
    )
    with tf.control_dependencies([problem]):
        return tf.identity(number)


def _check(function: UserFunction, name: Any, value: Any, label: str) -> None:
    where = f"{function.title} returned {shown(repr(name))}"
    if not isinstance(name, str) or not name or name in (*RESERVED, label):
        raise UserCodeError(f"{where} as a name; choose a text that is neither the label nor ours.")
    if not isinstance(value, tf.Tensor | tf.SparseTensor):
        raise UserCodeError(f"{where} as {_called(value)}; it must be a tensor.")
    if value.dtype not in _DTYPES:
        raise UserCodeError(
            f"{where} as {value.dtype.name}; cast it: tf.cast(…, tf.float32), tf.int64, or string."
        )
    if isinstance(value, tf.SparseTensor):
        return
    shape = value.shape
    if shape.rank is None or shape.rank < 1 or None in shape[1:].as_list():
        raise UserCodeError(
            f"{where} with the shape {shape}; all sizes but the first, of the examples, must be"
            " known: use tf.ensure_shape or tf.reshape."
        )
    if shape[0] is not None:
        raise UserCodeError(
            f"{where} with {shape[0]} rows whatever the examples; it must have one for each."
        )


def _parts(function: UserFunction, kind: FeatureKind | None, name: str, value: Any) -> Parts:
    if isinstance(kind, Image):
        if isinstance(value, tf.Tensor) and value.shape[1:] == (*kind.size, kind.channels):
            return Parts(images={name: value})
    elif isinstance(value, tf.Tensor) and value.shape.rank == 1:
        if kind is not None and (kind.STORED == "FLOAT") == (value.dtype != tf.string):
            return TRANSFORMS[kind.kind](kind, name, _number(value))
        if kind is None and value.dtype == tf.string:
            return TRANSFORMS["category"](Category(kind="category"), name, value)
        if kind is None:
            return Parts(numbers={name: _number(value)})
    fits = f"the {kind.kind} that it was" if kind else "a number or a text, [N]"
    raise UserCodeError(
        f"{function.title} returned {shown(name)} as {value.dtype.name} {value.shape}; without a"
        f" network of your own it must be {fits}: define network(features, outputs), too."
    )


def _number(value: tf.Tensor) -> tf.Tensor:
    return tf.cast(value, tf.float32) if value.dtype == tf.int64 else value


def _called(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"
