"""The live model as the demo asks it: what it sees of a picture or a row, and what it says."""

from __future__ import annotations

import base64
import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from documents.features import Features
from serving.clients import pictures, signatures
from serving.clients.pictures import Picture
from serving.clients.rest_client import RestClient, ServingError
from serving.clients.signatures import Input
from serving.demo.form import Cell, Form, form_of
from serving.pages import letterbox, snippets
from serving.pages.answer import Reading, read_answer

UNKNOWN = (96, 96, 3)
"""Height, width and channels of what is shown of a picture where nothing says what a model sees."""
LARGEST_DRAWING = 64
"""Pixels of a side of the images of models that one can draw for."""
_SHORT = 1 << 16
"""Bytes: what lies in no file goes as it is only while its request can be copied from the page."""
_SAME = 0.01
"""Scores of equal pictures differ by less."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a version said."""

    reading: Reading
    version: int | None
    milliseconds: float
    seen: Mapping[str, str]
    """PNGs of the pixels that the model saw, as data URLs: by feature, or by an empty name."""
    inverted: bool
    note: str
    """What was sent, for people."""
    curl: str
    """The same request as a command."""
    python: str
    """And as a program."""


@dataclasses.dataclass(frozen=True)
class Description:
    """What lies beside a version."""

    labels: Sequence[str] = ()
    """Names of its labels."""
    features: Features | None = None

    @property
    def size(self) -> tuple[int, int, int] | None:
        """Height, width and channels of its images, where it takes nothing but one."""
        image = self.features.only_image if self.features else None
        if not (image and image.input):
            return None
        height, width, *channels = image.input.shape[1:]
        return height, width, channels[0] if channels else 1


@dataclasses.dataclass(frozen=True)
class _Version:
    """How one version takes pictures."""

    signature: str
    takes_files: bool
    letterboxes: bool
    """Whether it does so itself with a file: versions exported earlier stretch it."""
    size: tuple[int, int, int]
    """Height, width and channels."""


@dataclasses.dataclass(frozen=True)
class Demo:
    """What the demo shows: a model on a model server."""

    rest_url: str
    model_name: str
    backend: str
    """Which model server answers, for people."""
    described: Callable[[int], Description]
    """What was written down about a version."""
    _known: dict[int | None, _Version] = dataclasses.field(default_factory=dict, repr=False)
    _forms: dict[int | None, Form | None] = dataclasses.field(default_factory=dict, repr=False)

    def versions(self) -> list[int]:
        """Numbers of the versions that answer, newest first.

        Raises:
          ServingError: the model is unknown.
          OSError: there is no answer.
        """
        found = self._client.status()
        numbers = (int(state["version"]) for state in found if state["state"] == "AVAILABLE")
        return sorted(numbers, reverse=True)

    def drawing(self, version: int | None) -> int | None:
        """The side of a drawing that a version takes; None where it takes none.

        Raises:
          OSError: there is no answer.
          ValueError: it takes no images.
        """
        height, width, channels = self._version(version).size
        return height if channels == 1 and height == width <= LARGEST_DRAWING else None

    def ask(self, picture: Picture, version: int | None, invert: bool | None) -> Answer:
        """What the model says of a picture.

        Where it is not inverted, and the version letterboxes, the file goes as it is, so that there
        is one rule for pixels; else the pixels do, made by the same rule.

        Args:
          picture: PNG or JPEG.
          version: the latest by default.
          invert: light to dark; None where the corners shall decide.

        Raises:
          PictureError: the picture is damaged.
          SignatureError: the version takes no images.
          ServingError: the model server refused.
          OSError: there is no answer.
        """
        if version is None:
            version = max(self.versions(), default=None)
        how = self._version(version)
        pixels = letterbox.fitted(picture.content, picture.name, *how.size)
        inverted = letterbox.is_light(pixels) if invert is None else invert
        seen = letterbox.letterboxed(np.bitwise_not(pixels) if inverted else pixels, *how.size[:2])
        copyable = picture.file is not None or len(picture.content) <= _SHORT
        as_file = how.letterboxes and copyable and not inverted
        instance = picture.content if as_file else _instance(seen, how)
        return self._answer(
            version,
            how.signature,
            instance,
            seen={"": _data_url(seen)},
            inverted=inverted,
            note=_note(picture, as_file, inverted, how),
            file=picture.file if as_file else None,
        )

    def form(self, version: int | None) -> Form | None:
        """How a version is asked about columns; None where it takes one image.

        Raises:
          SignatureError: it takes neither.
          ServingError: the version is not there.
          OSError: there is no answer.
        """
        if version not in self._forms:
            found = signatures.live_signatures(self._client, version)
            document = self.described(version).features if version else None
            self._forms[version] = form_of(found, document)
        return self._forms[version]

    def ask_form(self, cells: Mapping[str, Cell], version: int | None) -> Answer:
        """What the model says of a row.

        Raises:
          FormError: a field holds what its feature does not.
          PictureError: a picture is damaged.
          SignatureError: the version takes no columns.
          ServingError: the model server refused.
          OSError: there is no answer.
        """
        if version is None:
            version = max(self.versions(), default=None)
        form = self.form(version)
        if form is None:
            raise signatures.SignatureError("The model takes one image, and no columns.")
        checked = {
            name: pictures.checked(cell, name) if isinstance(cell, bytes) else cell
            for name, cell in cells.items()
        }
        instance = form.instance(checked)
        return self._answer(version, form.signature, instance, seen=_seen(form, instance))

    def _answer(
        self,
        version: int | None,
        signature: str,
        instance: Any,
        *,
        seen: Mapping[str, str],
        inverted: bool = False,
        note: str = "the features of the form",
        file: str | None = None,
    ) -> Answer:
        start = time.perf_counter()
        [answer] = self._client.predict([instance], signature, version)
        milliseconds = round((time.perf_counter() - start) * 1e3, 1)
        described = self.described(version) if version else Description()
        label = described.features.label if described.features else None
        served = (self.rest_url, self.model_name, version, signature, instance, file)
        return Answer(
            read_answer(answer, label, described.labels),
            version,
            milliseconds,
            seen,
            inverted,
            note,
            snippets.curl(*served),
            snippets.python(*served),
        )

    @property
    def _client(self) -> RestClient:
        """A client for one request: sessions are not made for several threads."""
        return RestClient(self.rest_url, self.model_name)

    def _version(self, version: int | None) -> _Version:
        if version not in self._known:
            found = signatures.live_signatures(self._client, version)
            name = signatures.choose(found, None)
            files = signatures.takes_files(found[name])
            described = self.described(version) if version else Description()
            size = _size(found.values()) or described.size or UNKNOWN
            how = _Version(name, files, False, size)
            letterboxes = files and self._letterboxes(how, version)
            self._known[version] = dataclasses.replace(how, letterboxes=letterboxes)
        return self._known[version]

    def _letterboxes(self, how: _Version, version: int | None) -> bool:
        """Asks about a white strip, lying and standing, as a file and as pixels."""
        height, width, _ = how.size
        sizes = ((height, 3 * width), (3 * height, width))
        strips = [np.full(size, 255, np.uint8) for size in sizes]
        files = [pictures.encode(strip) for strip in strips]
        pixels = [pictures.encode(letterbox.seen(file, "a strip", *how.size)) for file in files]
        try:
            answers = self._client.predict([*files, *pixels], how.signature, version)
        except ServingError:
            return False
        scores = [_scores(answer) for answer in answers]
        return bool(np.abs(np.subtract(scores[:2], scores[2:])).max() < _SAME)


def _size(found: Any) -> tuple[int, int, int] | None:
    inputs: tuple[Input, ...]
    for inputs in found:
        if signatures.takes_pixels(inputs):
            _, height, width, *channels = inputs[0].shape or ()
            return height, width, channels[0] if channels else 1
    return None


def _seen(form: Form, instance: Mapping[str, Any]) -> dict[str, str]:
    """What the model sees of each picture, where its size is known."""
    return {
        field.name: _data_url(letterbox.seen(instance[field.name], field.name, *field.size))
        for field in form.fields
        if field.kind == "image" and field.size
    }


def _instance(seen: NDArray[np.uint8], how: _Version) -> Any:
    return pictures.encode(seen) if how.takes_files else seen.tolist()


def _scores(answer: Any) -> list[float]:
    """The probabilities: the output of that name, or the only one."""
    found = answer.get("probabilities", []) if isinstance(answer, dict) else answer
    if not isinstance(found, list) or not found:
        raise signatures.SignatureError("The model's answer holds no output `probabilities`.")
    return found


def _data_url(seen: NDArray[np.uint8]) -> str:
    return f"data:image/png;base64,{base64.b64encode(pictures.encode(seen)).decode()}"


def _note(picture: Picture, as_file: bool, inverted: bool, how: _Version) -> str:
    if as_file:
        return f"{picture.name}, as it is"
    height, width, channels = how.size
    kind = "grey " if channels == 1 else ""
    why = "inverted" if inverted else "made by the page"
    return f"{width}×{height} {kind}pixels of {picture.name}, {why}"
