"""The live model as the demo asks it: what it sees of a picture, and what it says of that."""

from __future__ import annotations

import base64
import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving import letterbox, pictures, signatures
from serving.client import RestClient, ServingError
from serving.pictures import Picture
from serving.signatures import Input

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
    """What a version said of a picture."""

    label: str
    score: float
    scores: list[dict[str, Any]]
    """`label` and `score` of each class."""
    version: int | None
    milliseconds: float
    seen: str
    """A PNG of the pixels that the model saw, as a data URL."""
    inverted: bool
    note: str
    """What was sent, for people."""
    curl: str
    """The same request as a command."""


@dataclasses.dataclass(frozen=True)
class Description:
    """What lies beside a version."""

    labels: Sequence[str] = ()
    """Names of its labels."""
    size: tuple[int, int, int] | None = None
    """Height, width and channels of its images."""


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

    def versions(self) -> list[int]:
        """Numbers of the versions that answer, newest first.

        Raises:
          ServingError: the model is unknown.
          OSError: there is no answer.
        """
        found = self._client.status()
        numbers = (int(state["version"]) for state in found if state["state"] == "AVAILABLE")
        return sorted(numbers, reverse=True)

    def drawing(self) -> int | None:
        """The side of a drawing that the latest version takes; None where it takes none.

        Raises:
          OSError: there is no answer.
          ValueError: it takes no images.
        """
        version = max(self.versions(), default=None)
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
        start = time.perf_counter()
        [answer] = self._client.predict([instance], how.signature, version)
        milliseconds = round((time.perf_counter() - start) * 1e3, 1)
        label, score, scores = self._read(answer, version)
        file = picture.file if as_file else None
        served = (self.rest_url, self.model_name, version, how.signature)
        return Answer(
            *(label, score, scores, version, milliseconds, _data_url(seen), inverted),
            note=_note(picture, as_file, inverted, how),
            curl=signatures.curl(*served, instance, file),
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

    def _read(self, answer: Any, version: int | None) -> tuple[str, float, list[dict[str, Any]]]:
        scores = _scores(answer)
        names = list(self.described(version).labels) if version else []
        if len(names) != len(scores):
            names = [f"label {index}" for index in range(len(scores))]
        best = int(np.argmax(scores))
        outputs = answer if isinstance(answer, dict) else {}
        label, score = outputs.get("label", names[best]), outputs.get("score", scores[best])
        return label, score, [{"label": n, "score": s} for n, s in zip(names, scores, strict=True)]


def _size(found: Any) -> tuple[int, int, int] | None:
    inputs: tuple[Input, ...]
    for inputs in found:
        if signatures.takes_pixels(inputs):
            _, height, width, *channels = inputs[0].shape or ()
            return height, width, channels[0] if channels else 1
    return None


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
