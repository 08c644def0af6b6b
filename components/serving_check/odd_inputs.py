"""Inputs of which nobody knows the answer: they get numbers or a clean refusal, nothing else."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from components.serving_check.answers import AnswerError, error_text
from components.serving_check.checks.asked import Asked
from components.serving_check.columns import changed, is_row, rows, tensors
from components.serving_check.options import Options, Signature
from components.serving_check.paths import GRPC, REST, Path
from components.serving_check.pool import fragment
from components.serving_check.reference import Reference
from serving.clients.rest_client import ServingError
from serving.clients.tensors import DTYPES

if TYPE_CHECKING:
    from components.serving_check.served import Served

LONG = 1 << 20
"""Bytes of a very long string."""
_BAD_REQUEST = 400
_MANY = 8
"""Batches in which an input of another size is sent."""
KNOWN = "known answers in between"

_Send = Callable[["Served", str, "OddInput"], str | None]


@dataclasses.dataclass(frozen=True)
class OddInput:
    """A batch that is legal or not, but no reason to fail."""

    name: str
    values: NDArray[Any]
    """Of the type that the signature takes, or of another one."""
    refused: bool = False
    """Whether it has to be refused."""


def odd_inputs(signature: Signature, reference: Reference, options: Options) -> Iterator[OddInput]:
    """Yields those of a signature."""
    if signature.feed == "columns":
        yield from _odd_rows(signature, rows(signature, reference.examples[:1]))
        for each in reference.refused:
            if is_row(signature, each.content):
                yield OddInput(each.name, rows(signature, [each.content]), refused=True)
        return
    [tensor] = signature.inputs.values()
    if tensor.dtype == "DT_STRING":
        yield OddInput("an empty string", _strings(b""))
        yield OddInput("a very long string", _strings(b"\xff" * LONG))
        yield OddInput("zero bytes", _strings(b"\0" * 100))
        yield OddInput("an empty string among others", _strings(b"", b"", b"x"))
    if signature.feed == "example":
        yield OddInput("an example without features", _strings(b""), refused=reference.fixed_size)
        for name in signature.images or [options.image_feature]:
            yield from (
                OddInput(what, _strings(value), refused=reference.fixed_size)
                for what, value in _spoilt_examples(name, reference.examples[0])
            )
        for each in reference.refused:
            yield OddInput(each.name, _strings(each.content), refused=True)
    dtype = DTYPES.get(tensor.dtype)
    if dtype is None or dtype.kind == "O":
        return
    sizes = [size if size > 0 else 1 for size in tensor.shape[1:]]
    if dtype.kind == "f":
        for name, value in (("NaN", np.nan), ("infinity", np.inf), ("-infinity", -np.inf)):
            yield OddInput(name, np.full((1, *sizes), value, dtype))
        yield OddInput("the largest number", np.full((1, *sizes), np.finfo(dtype).max, dtype))
    if not sizes or tensor.shape[-1] <= 0:
        return
    for shape in _other_shapes(sizes):
        told = " × ".join(map(str, shape[1:]))
        yield OddInput(f"{told} numbers", np.zeros(shape, dtype), refused=reference.fixed_size)
    if reference.fixed_size:
        # How many answers there are to it nobody knows, where it may be answered.
        yield OddInput("numbers without a batch", np.zeros(sizes, dtype), refused=True)


def _other_shapes(sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yields shapes of batches of another size each way, and of one dimension more or fewer."""
    for axis, size in enumerate(sizes):
        for other in (size - 1, size + 1):
            yield (_MANY, *sizes[:axis], other, *sizes[axis + 1 :])
    yield (1, 1, *sizes)
    if len(sizes) > 1:
        yield (1, math.prod(sizes))


def in_company(odd: Iterable[OddInput], good: NDArray[Any]) -> Iterator[OddInput]:
    """Yields what has to be refused beside a good one, which changes nothing: behind it, and the
    next one in front of it.

    Args:
      good: one input, [1, ...].
    """
    refused = [each for each in odd if each.refused and _goes_with(each.values, good)]
    for number, each in enumerate(refused):
        both = (each.values, good) if number % 2 else (good, each.values)
        yield OddInput(f"{each.name} beside a good one", np.concatenate(both), refused=True)


def deeper(signature: Signature, reference: Reference, good: NDArray[Any]) -> Iterator[OddInput]:
    """Yields a good input [1] of strings with a dimension too many; none of other signatures."""
    if signature.feed in ("png", "example"):
        yield OddInput("a dimension too many", good[np.newaxis], refused=reference.fixed_size)


def _goes_with(values: NDArray[Any], good: NDArray[Any]) -> bool:
    return values.dtype == good.dtype and values.shape[1:] == good.shape[1:]


def _odd_rows(signature: Signature, row: NDArray[Any]) -> Iterator[OddInput]:
    """Yields rows of which one value is far from all others."""
    for name in row.dtype.names or ():
        odd: dict[str, Any] = {"infinity": np.inf, "-infinity": -np.inf, "1e38": 1e38}
        if row.dtype[name].kind == "O":
            odd = {"bytes that are no text": b"\xff\xfe", "a very long text": b"x" * LONG}
        if name in signature.images:
            odd["nothing"] = b""
        for what, value in odd.items():
            yield OddInput(
                f"{name} = {what}",
                changed(row, name, [value]),
                refused=name in signature.images,
            )


def _spoilt_examples(name: str, example: bytes) -> Iterator[tuple[str, bytes]]:
    """Yields names and serialized tf.Examples whose image lacks something or has too much of it."""
    original = tf.train.Example.FromString(example)
    if name not in original.features.feature:
        return
    value = bytes(original.features.feature[name].bytes_list.value[0])
    for what, values in (
        ("an empty value", [b""]),
        ("a value cut short", [value[: len(value) // 2]]),
        ("a value too long", [value + b"\0"]),
        ("no value", []),
        ("two values", [value, value]),
        # As many bytes as a coloured image has, or as three of them.
        ("three times the value", [value * 3]),
    ):
        feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
        yield f"an example with {what}", _with(original, name, feature)
    numbers = tf.train.Feature(int64_list=tf.train.Int64List(value=[0]))
    yield "an example with a number for bytes", _with(original, name, numbers)


def _with(original: Any, name: str, feature: Any) -> bytes:
    changed = tf.train.Example.FromString(original.SerializeToString())
    changed.features.feature[name].CopyFrom(feature)
    content: bytes = changed.SerializeToString()
    return content


def send_odd(
    served: Served,
    signature: str,
    what: str,
    inputs: Iterable[OddInput],
    *,
    after: Sequence[int] = (),
    over_rest: bool = True,
) -> Iterator[Asked]:
    """Sends each over REST and gRPC, and right after it something whose answer is known.

    Args:
      after: places in the signature's pool to ask about then, each at least once; where they are
        too few, reference examples.
      over_rest: whether REST is worth asking about what it need not read in another way.
    """
    ways: list[tuple[Path, _Send]] = [(GRPC, _over_grpc)]
    if over_rest:
        ways.insert(0, (REST, _over_rest))
    odd, real = list(inputs), served.pool(signature).real
    sent = known = 0
    strange = wrong = None
    for number, (each, place) in enumerate(itertools.zip_longest(odd, after)):
        for way, send in ways if each else ():
            outcome = send(served, signature, each)
            sent += 1
            if outcome:
                strange = f"{outcome} for {each.name} ({way.name})"
                break
        if strange:
            break
        asked = number % len(real) if place is None else place
        wrong = served.problem(signature, [asked], REST)
        known += 1
        if wrong:
            wrong += f" right after {each.name}" if each else ""
            wrong += f" ({REST.name})"
            break
    paths = " and ".join(way.name for way, _ in ways)
    yield Asked(signature, paths, what, sent, sent, strange or "")
    if known:
        yield Asked(signature, REST.name, KNOWN, known, known, wrong or "")


def _over_rest(served: Served, signature: str, odd: OddInput) -> str | None:
    values = b",".join(map(fragment, odd.values))
    name = json.dumps(signature).encode()
    body = b'{"signature_name":%b,"instances":[%b]}' % (name, values)
    status, answer = served.connection.exchange("POST", served.predict_path(), body)
    if status == _BAD_REQUEST:
        return None if error_text(answer) else f"{signature} answers 400 without an error text"
    if status != 200:
        text = error_text(answer) or answer[:100].decode("utf-8", "replace")
        return f"{signature} answers {status} ({text[:200]})"
    try:
        return _answered(served, signature, odd, served.outputs(signature, answer))
    except AnswerError as error:
        return f"{signature} answers {error}"


def _over_grpc(served: Served, signature: str, odd: OddInput) -> str | None:
    try:
        inputs = tensors(served.options.signatures[signature], odd.values)
        outputs = served.grpc.predict(inputs, signature)
        return _answered(served, signature, odd, outputs)
    except ServingError as error:
        if error.status == _BAD_REQUEST and error.message:
            return None
        served.give_up_without_answer(error)
        return f"{signature} answers {error.status} ({error.message[:200]})"
    except AnswerError as error:
        return str(error)


def _answered(
    served: Served, signature: str, odd: OddInput, outputs: dict[str, NDArray[Any]]
) -> str | None:
    if odd.refused:
        return f"{signature} answers numbers, where the model's own function refuses"
    declared = served.declared(signature)
    return served.judge.inconsistency(signature, outputs, declared, len(odd.values))


def _strings(*values: bytes) -> NDArray[Any]:
    return np.array([*values, None], object)[:-1]
