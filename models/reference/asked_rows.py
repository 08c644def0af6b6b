"""Questions about rows of a table, whose answers come from the trained network."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from documents.predict_request import PredictRequest
from documents.questions import Question, Questions
from models.declaration import Declaration
from models.features.image.edges import edge_images
from models.features.image.kind import Image
from models.features.image.mixtures import mixed_images
from models.features.image.png import png
from models.features.kind import FeatureKind, Value
from models.reference.answered import Companies, answered, is_refused
from models.reference.asked_files import (
    AskedFile,
    files_of_rows,
    is_written,
    pixels_of_value,
    question_of_row,
    rows_of_files,
)
from models.reference.decisions import decisions_of
from models.reference.edge_rows import edge_rows
from models.reference.known_words import known_rows
from models.reference.mixed_rows import mixed_rows, most_rows
from models.reference.other_writings import other_writings
from models.reference.row_examples import Row, among_others, row_of, serialized, without_values
from models.reference.spoilt_examples import broken, spoilt
from models.reference.undecided import undecided
from models.transform_graph import Tensors, TransformGraph

_ROOM = 8 << 20
"""Bytes that serialized rows at edges may take; documents are no larger than 32 MiB."""
_PICTURED = 64
"""Rows of whose images others are mixed."""
_KNOWN, _UNSURE = 1_000, 16
"""Rows of what vocabularies know, and rows of the data that they are made of."""
_SPOILT = 16
"""Features that are asked about in every way in which nobody should send them."""
_SPOILT_ONCE = 100
"""Features that are asked about in one of these ways, where there are more."""
_REFUSED = 160
"""What has to be refused, of all columns together; where there is more, some of it by chance."""
_CROSSED = 512
"""Rows next to a threshold that are crossed with others, in each of a few rounds."""
_FILED = 36
"""Rows of which all images are files."""


class AskedRows:
    """What can be asked of a model of columns, and what the trained network answers."""

    def __init__(
        self,
        declaration: Declaration,
        transform: TransformGraph,
        predict: Callable[[Tensors], tf.Tensor],
    ):
        self._declaration, self._transform = declaration, transform
        # Asked more than a hundred times, and a graph takes a tenth of the time each.
        self._asked = tf.function(
            lambda contents: predict(transform.transform(transform.parse_features(contents))),
            [tf.TensorSpec([None], tf.string)],
            autograph=False,
        )

    def example(self, record: bytes) -> PredictRequest:
        """A request about a serialized tf.Example."""
        row = row_of(record, self._declaration.used)
        kinds = self._declaration.used
        return PredictRequest(
            signature_name="serving_default",
            instances=({name: _instance(kinds[name], value) for name, value in row.items()},),
        )

    def questions(self, records: Sequence[bytes], seed: int = 0) -> Questions:
        """Has the network answer rows at the edges of what is legal, mixtures, and image files in
        a row.

        Args:
          records: serialized tf.Examples, at least one.
          seed: of the mixtures.
        """
        rows = [row_of(record, self._declaration.used) for record in records]
        edges = [
            *((name, serialized(row)) for name, row in self._edges(rows[0])),
            *self._without_values(rows[0]),
        ]
        contents = [content for _, content in edges]
        files = [*files_of_rows(self._declaration.images, rows, np.random.default_rng(seed))]
        # Each beside the cells of another row: what is missing there is missing beside some.
        beside = [place % len(rows) for place in range(len(files))]
        taken = [
            serialized({**rows[place], name: found})
            for place, (name, _, _, found) in zip(beside, files, strict=True)
            if found
        ]
        answers = iter(self._answers([*contents, *taken]))
        return Questions(
            labels=self._declaration.label.names or (),
            tagging=self._declaration.label.tagging,
            fixed_size=bool(self._declaration.images),
            examples=tuple(
                Question.of(name, content, tuple(next(answers))) for name, content in edges
            ),
            files=tuple(
                Question.of(
                    said, file, tuple(next(answers)) if found else None, feature=name, example=place
                )
                for place, (name, said, file, found) in zip(beside, files, strict=True)
            )
            + tuple(self._photographed(files, rows, seed)),
            mixtures=tuple(self._mixtures(rows, seed)),
            refused=tuple(self._refused(records[0], rows[0], np.random.default_rng(seed))),
        )

    @property
    def _kinds(self) -> dict[str, FeatureKind]:
        """Of the columns that are no images."""
        images = self._declaration.images
        return {name: kind for name, kind in self._declaration.used.items() if name not in images}

    def _mixed(self, rows: Sequence[Row], random: np.random.Generator) -> Iterator[tuple[str, Row]]:
        return mixed_rows(self._kinds, rows, self._transform.words, random)

    def _photographed(
        self, files: Sequence[AskedFile], rows: Sequence[Row], seed: int
    ) -> Iterator[Question]:
        """Rows whose images all are files of programs and cameras, beside cells that no row of the
        data has."""
        if not files:
            return
        names = [*self._kinds]
        mixed = self._mixed(rows, np.random.default_rng(seed))
        legal = [row for _, row in itertools.islice(mixed, _FILED) if is_written(row)]
        made = [*rows_of_files(files, legal)]
        contents = [
            serialized({**row, **{name: file.pixels for name, file in chosen.items()}})
            for chosen, row in made
        ]
        for (chosen, row), answer in zip(made, answered(contents, self._answers), strict=True):
            if answer is not None:
                yield question_of_row(chosen, {name: row.get(name) for name in names}, answer)

    def _answers(self, contents: Sequence[bytes]) -> list[list[float]]:
        answers = self._asked(tf.constant(contents)).numpy()
        # A number is a row of one.
        found: list[list[float]] = answers.reshape(len(contents), -1).tolist()
        return found

    def _edges(self, row: Row) -> Iterator[tuple[str, Row]]:
        kinds = self._declaration.used
        images = {name: row[name] for name in self._declaration.images}
        may_miss = [name for name in kinds if name not in images]
        yield "a row of the data", row
        if may_miss:
            yield "nothing but missing values", {**dict.fromkeys(row), **images}
        for name, kind in self._declaration.images.items():
            for said, pixels in edge_images(pixels_of_value(kind, row[name])):
                yield f"{name}: {said}", {**row, name: pixels.tobytes()}
        edges: list[tuple[str, str, float | bytes | None]] = []
        for name in may_miss:
            edges.append((name, "missing", None))
            edges += [(name, said, value) for said, value in _edges_of(kinds[name]).items()]
        yield from edge_rows(edges, row, _ROOM // len(serialized(row)))

    def _without_values(self, row: Row) -> Iterator[tuple[str, bytes]]:
        """Examples that say in other ways that something is missing, or more than was asked for."""
        example, images = serialized(row), self._declaration.images
        stored = {
            name: kind.STORED for name, kind in self._declaration.used.items() if name not in images
        }
        yield from without_values(example, stored)
        yield "a row among other features", among_others(example, self._declaration.features)

    def _undecided(
        self,
        rows: Sequence[Row],
        others: Sequence[Row],
        random: np.random.Generator,
        companies: Companies[bytes],
    ) -> Iterator[tuple[str, Row]]:
        """Rows next to the threshold of a tag, to where another class is the likeliest, or to
        where a number is another one than any of the data."""
        label, kinds = self._declaration.label, self._declaration.used
        numbers = [name for name, kind in kinds.items() if kind.STORED == "FLOAT"]

        def answers_to(asked: Sequence[Row]) -> NDArray[np.float32]:
            return np.array(self._answers([serialized(row) for row in asked]), np.float32)

        decisions = decisions_of(label.names, label.tagging, answers_to(rows))

        def margins(asked: Sequence[Row]) -> NDArray[np.float32]:
            return decisions.margins(answers_to(asked))

        contents = [serialized(row) for row in others]
        answers = answered(contents, self._answers, companies)
        legal = [row for row, answer in zip(others, answers, strict=True) if answer is not None]
        most = most_rows(rows[0], _CROSSED, 1)
        for decision, row, is_for in undecided(rows, legal, numbers, margins, random, most):
            yield decisions.called(decision, is_for), row

    def _mixtures(self, rows: Sequence[Row], seed: int) -> Iterator[Question]:
        random = np.random.default_rng(seed)
        made = list(self._mixed(rows, random))
        # Most rows are asked about twice, as those that may be next to a threshold, and with all.
        companies: Companies[bytes] = {}
        undecided = [*self._undecided(rows, [row for _, row in made], random, companies)]
        made[::2] = self._pictured(made[::2], rows[:_PICTURED], random)
        made += undecided
        unsure = self._unsure(rows)
        made += other_writings(
            self._kinds,
            unsure,
            self._transform.words,
            rows,
            most_rows(rows[0], _KNOWN, 1),
            random,
        )
        made += known_rows(
            unsure,
            self._transform.words,
            self._transform.words_of_texts,
            most_rows(rows[0], _KNOWN, 1),
            random,
        )
        made += self._at_once(rows[0])
        contents = [serialized(row) for _, row in made]
        found = answered(contents, self._answers, companies)
        for (name, _), content, answer in zip(made, contents, found, strict=True):
            if answer is not None:
                yield Question.of(name, content, answer)

    def _pictured(
        self, made: Sequence[tuple[str, Row]], rows: Sequence[Row], random: np.random.Generator
    ) -> list[tuple[str, Row]]:
        """The same rows with images that no data set holds."""
        found = [(name, dict(row)) for name, row in made]
        for image, kind in self._declaration.images.items():
            real = np.stack([pixels_of_value(kind, row[image]) for row in rows])
            pictures = [picture.tobytes() for _, picture in mixed_images(real, random)]
            for place, (_, row) in enumerate(found):
                row[image] = pictures[place % len(pictures)]
        return [*found]

    def _unsure(self, rows: Sequence[Row]) -> list[Row]:
        """Those of which the network is least sure: what is lost there shows in the answer."""
        rows = rows[: most_rows(rows[0], len(rows), 1)]
        answers = np.array(self._answers([serialized(row) for row in rows]))
        order = np.argsort(answers.max(axis=1), kind="stable")
        return [rows[place] for place in order[:_UNSURE].tolist()]

    def _at_once(self, row: Row) -> Iterator[tuple[str, Row]]:
        """Rows in which each number is infinite, and each column that knows an edge there."""
        kinds = self._declaration.used
        numbers = [name for name, kind in kinds.items() if kind.STORED == "FLOAT"]
        for value in (np.inf, -np.inf) if numbers else ():
            yield f"numbers = {value}", {**row, **dict.fromkeys(numbers, value)}
        found: dict[str, dict[str, float | bytes]] = {}
        for name, kind in kinds.items():
            for said, edge in _edges_of(kind).items():
                found.setdefault(said, {})[name] = edge
        several = [(said, cells) for said, cells in found.items() if len(cells) > 1]
        for said, cells in several[: most_rows(row, _KNOWN, 1)]:
            yield f"all at once {said}", {**row, **cells}

    def _refused(self, record: bytes, row: Row, random: np.random.Generator) -> Iterator[Question]:
        """What is legal to send, and nothing that the trained network answers."""
        kinds = list(self._declaration.used.items())[:_SPOILT]
        asked = [
            (f"{name} {said}", serialized({**row, name: value}))
            for name, kind in kinds
            for said, value in kind.illegal().items()
        ]
        if len(asked) > _REFUSED:
            asked = [asked[place] for place in sorted(random.permutation(len(asked))[:_REFUSED])]
        for number, (name, kind) in enumerate([*self._declaration.used.items()][:_SPOILT_ONCE]):
            ways = [*spoilt(record, name, kind.STORED)]
            some = ways if number < _SPOILT else [ways[number % len(ways)]]
            asked += [(f"{name} {said}", bad) for said, bad in some]
        asked += broken(record)
        for said, content in asked:
            if is_refused(content, self._answers):
                yield Question.of(said, content, None)


def _edges_of(kind: FeatureKind) -> dict[str, Value]:
    """Those of the kind, and what a request may leave out: to who sends it, it is a value as any
    other."""
    found = dict(kind.edges())
    if kind.default not in (None, ""):
        default = kind.default
        found["= the default"] = default.encode() if isinstance(default, str) else float(default)
    return found


def _instance(kind: Any, value: float | bytes | None) -> Any:
    """A value as the REST API takes it."""
    if value is None:
        return float("nan") if kind.STORED == "FLOAT" else ""
    if isinstance(kind, Image):
        return {"b64": base64.b64encode(png(pixels_of_value(kind, value))).decode("ascii")}
    return value.decode("utf-8") if isinstance(value, bytes) else value
