"""What the trained model answered in Python, beside the examples it was asked about."""

from __future__ import annotations

import dataclasses
import io
import math
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from documents.features import Features
from documents.questions import Question, Questions, Tagging
from documents.reader import LARGEST, DamagedError, parse, read
from documents.reference import EXAMPLES, PROBABILITIES, QUESTIONS
from documents.terminal.counted import counted
from serving.base_path import storage

_READ_BATCH = 1_024


class MissingReferenceError(ValueError):
    """The model comes without a usable reference to hold its answers against."""


@dataclasses.dataclass(frozen=True)
class Reference:
    """Examples and the trained model's answers to them."""

    examples: Sequence[bytes]
    """Serialized tf.Examples."""
    probabilities: NDArray[np.float32]
    """[number of examples, number of labels]"""
    questions: Questions | None = None
    """Further inputs with their answers, and the labels; None with a model that has none."""
    described: Features | None = None
    """What the trained model takes and answers; None with a model that nobody described."""

    @property
    def labels(self) -> tuple[str, ...] | None:
        """In the order of the probabilities; None when nobody wrote them down."""
        return self.questions.labels if self.questions else None

    @property
    def tagging(self) -> Tagging | None:
        """How the tags that are answered follow from the probabilities; None where none are."""
        return self.questions.tagging if self.questions else None

    @property
    def fixed_size(self) -> bool:
        """Whether pixels of another size have to be refused."""
        return self.questions is not None and self.questions.fixed_size

    @property
    def edges(self) -> tuple[Question, ...]:
        """serialized tf.Examples that no data set holds."""
        return self.questions.examples if self.questions else ()

    @property
    def mixtures(self) -> tuple[Question, ...]:
        """serialized tf.Examples that were drawn by chance."""
        return self.questions.mixtures if self.questions else ()

    @property
    def refused(self) -> tuple[Question, ...]:
        """serialized tf.Examples that have to be refused."""
        return self.questions.refused if self.questions else ()

    @property
    def files(self) -> tuple[Question, ...]:
        """Image files in each encoding."""
        return self.questions.files if self.questions else ()


def read_reference(model: str) -> Reference:
    """Reads what the Trainer left beside the SavedModel in the Model artifact's folder.

    Raises:
      MissingReferenceError: the files are missing or do not fit one another.
    """
    examples_file = os.path.join(model, EXAMPLES)
    probabilities_file = os.path.join(model, PROBABILITIES)
    for path in (examples_file, probabilities_file):
        if not tf.io.gfile.exists(path):
            raise MissingReferenceError(
                f"The serving check needs {path}; have run_fn write the reference examples and "
                "the trained model's answers beside the SavedModel."
            )
    probabilities = _probabilities(probabilities_file)
    examples = _examples(examples_file)
    if not examples or probabilities.ndim != 2 or len(probabilities) != len(examples):
        raise MissingReferenceError(
            f"{probabilities_file} has shape {list(probabilities.shape)}, which does not fit the "
            f"{counted(len(examples), 'example')} of {examples_file}; train again to write both."
        )
    return Reference(
        examples,
        probabilities,
        questions=_read_questions(model, probabilities.shape),
        described=read(Features, os.path.join(model, Features.FILE), storage.reading),
    )


def _examples(path: str) -> list[bytes]:
    try:
        return list(read_examples([path]))
    except tf.errors.OpError as error:
        raise MissingReferenceError(
            f"{path} is no TFRecord file of examples ({error.message}); train again to write it."
        ) from error


def _probabilities(path: str) -> NDArray[np.float32]:
    with tf.io.gfile.GFile(path, "rb") as file:
        content = file.read(LARGEST + 1)
    try:
        if len(content) > LARGEST:
            raise ValueError(f"larger than {LARGEST >> 20} MiB")
        # np.load would take archives and pickles as well.
        array = io.BytesIO(content)
        found: NDArray[np.float32] = np.lib.format.read_array(array, allow_pickle=False)
        if found.dtype.kind != "f":
            raise ValueError(f"of {found.dtype}")
    except Exception as error:
        # The machine's fault, unless the header tells of more than such a file can hold.
        if isinstance(error, MemoryError) and _told(content) <= LARGEST:
            raise
        # numpy has Python read the header's text, and lets out whatever that says of it.
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        raise MissingReferenceError(
            f"{path} is no array of probabilities ({reason}); train again to write it."
        ) from error
    return found


def _told(content: bytes) -> int:
    """Bytes that an array takes, as the header of its file has it."""
    array = io.BytesIO(content)
    form: Any = np.lib.format
    is_first = form.read_magic(array) == (1, 0)
    read = form.read_array_header_1_0 if is_first else form.read_array_header_2_0
    shape, _, dtype = read(array)
    return int(math.prod(shape) * dtype.itemsize)


def _read_questions(model: str, shape: tuple[int, ...]) -> Questions | None:
    """Those beside `shape` = [examples, elements of an answer]; None without the document."""
    count, size = shape
    path = os.path.join(model, QUESTIONS)
    if not tf.io.gfile.exists(path):
        return None
    with tf.io.gfile.GFile(path, "rb") as file:
        content = file.read()
    try:
        found = parse(Questions, content)
    except DamagedError as error:
        raise MissingReferenceError(f"{path} {error}; {Questions.MEND}.") from error
    asked = (*found.examples, *found.mixtures, *found.files)
    sizes = {len(each.probabilities) for each in asked if each.probabilities is not None}
    named = len(found.labels) or size  # A number has no names.
    if sizes - {size} or named != size or len(set(found.labels)) != len(found.labels):
        raise MissingReferenceError(
            f"{path} has {len(found.labels)} labels and answers of {sorted(sizes)} elements, which "
            f"do not fit the {size} of {PROBABILITIES}; train again to write both."
        )
    beyond = [each.example for each in found.files if each.example >= count]
    if beyond:
        raise MissingReferenceError(
            f"{path} names example {beyond[0]} of {count} in {EXAMPLES}; {Questions.MEND}."
        )
    return found


def read_examples(files: Sequence[str]) -> Iterator[bytes]:
    """Yields the records of TFRecord files, which are gzip-compressed when named .gz."""
    for file in files:
        compression = "GZIP" if file.endswith(".gz") else ""
        # Whole batches: taking records one by one costs five times the CPU.
        records = tf.data.TFRecordDataset(file, compression_type=compression).batch(_READ_BATCH)
        for batch in records.as_numpy_iterator():
            yield from batch
