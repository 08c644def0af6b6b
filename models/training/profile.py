"""What a few steps of a training do when, as TensorFlow's profiler records it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TypeVar

import tensorflow as tf

from documents.shown import shown

T = TypeVar("T")
FIRST, STEPS = 10, 3
"""The first steps compile."""


def profiled(batches: Iterable[T], folder: str) -> Iterator[T]:
    """Gives the batches on, and records the steps from FIRST on into a folder of TensorBoard."""
    running = False
    try:
        for number, batch in enumerate(batches):
            if number == FIRST:
                tf.profiler.experimental.start(folder)
                running = True
            elif number == FIRST + STEPS:
                tf.profiler.experimental.stop()
                running = False
            yield batch
    finally:
        if running:
            tf.profiler.experimental.stop()


def slowest(folder: str, most: int = 30) -> str | None:
    """The recorded operations that took longest, as a table in Markdown; None where none are.

    TensorBoard itself shows a profile by a plugin that is another package.
    """
    found = sorted(tf.io.gfile.glob(os.path.join(folder, "plugins", "profile", "*", "*.xplane.pb")))
    if not found:
        return None
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    with tf.io.gfile.GFile(found[-1], "rb") as file:
        space = xplane_pb2.XSpace.FromString(file.read())
    times: dict[str, list[float]] = {}
    for plane in space.planes:
        for line in plane.lines:
            for event in line.events:
                name = plane.event_metadata[event.metadata_id].name
                times.setdefault(name, []).append(event.duration_ps / 1e9)
    rows = sorted(times.items(), key=lambda item: -sum(item[1]))[:most]
    lines = [
        f"Of {STEPS} steps; an operation holds those that it calls.\n",
        "| operation | times | ms in all |",
        "| --- | --- | --- |",
        *(
            f"| {shown(name[:80]).replace('|', ' ')} | {len(each)} | {sum(each):.2f} |"
            for name, each in rows
        ),
    ]
    return "\n".join(lines)
