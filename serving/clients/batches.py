"""Many instances in requests that a model server takes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from numpy.typing import NDArray

LARGEST_BATCH = 64
"""Instances."""
LARGEST_BODY = 48 << 20
"""Bytes of JSON; the embedded server takes 64 MiB, and the largest picture alone needs 43."""

_DIGITS = len("255, ")

T = TypeVar("T")


def batches(
    items: Iterable[T],
    size: Callable[[T], int],
    largest_batch: int = LARGEST_BATCH,
    largest_body: int = LARGEST_BODY,
) -> Iterator[list[T]]:
    """Groups items in their order, as many as fit into one request.

    Args:
      items: taken only as they are needed.
      size: bytes of an item in a request.
      largest_batch: items.
      largest_body: bytes; an item that is larger goes alone.
    """
    batch: list[T] = []
    total = 0
    for item in items:
        added = size(item)
        if batch and (len(batch) == largest_batch or total + added > largest_body):
            yield batch
            batch, total = [], 0
        batch.append(item)
        total += added
    if batch:
        yield batch


def json_size(value: bytes | NDArray[Any] | Mapping[str, float | str | bytes]) -> int:
    """At most so many bytes does a file, an image as uint8 pixels or a row take in REST's JSON."""
    if isinstance(value, Mapping):
        files = [cell for cell in value.values() if isinstance(cell, bytes)]
        cells = {n: None if isinstance(cell, bytes) else cell for n, cell in value.items()}
        return len(json.dumps(cells)) + sum(map(json_size, files))
    if isinstance(value, bytes):
        return 4 * (len(value) // 3 + 1) + len('{"b64": ""}, ')
    return value.size * _DIGITS + 2 * (value.size // value.shape[-1] + 2)
