"""Is an image file answered as the model's own function reads it, whatever its encoding?"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from components.serving_check import feeds
from components.serving_check.checks import asked
from components.serving_check.checks.asked import Asked
from components.serving_check.checks.check import Check
from components.serving_check.odd_inputs import OddInput, send_odd
from components.serving_check.options import Options
from components.serving_check.paths import GRPC, REST

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "encodings"
PICTURES = 4
"""Reference images that are written in other ways."""


@asked.until_wrong
def measure(served: Served) -> Iterator[Asked]:
    """Sends every file alone and in company, and those that have to be refused."""
    for signature, expected in served.options.signatures.items():
        if expected.feed != "png":
            continue
        files = list(served.pool(signature).files)
        yield _lossless(served, signature)
        if files:
            alone = [[place] for place in files]
            among = [files, files[::-1], [0, *files[:5], 0], [files[-1], *files[::3]]]
            for way in (REST, GRPC):
                yield asked.ask(served, signature, way, f"{len(files)} files, one by one", alone)
            yield asked.ask(served, signature, GRPC, "files of all kinds together", among)
        refused = [
            OddInput(f"“{each.name}”", np.array([each.content], object), refused=True)
            for each in served.reference.files
            if each.probabilities is None
        ]
        if refused:
            yield from send_odd(served, signature, "files that are to be refused", refused)


def _lossless(served: Served, signature: str) -> Asked:
    """The same pixels in other PNG files, which have to be answered as the pixels themselves."""
    images = feeds.pixels(served.reference.examples[:PICTURES], served.options)
    [key] = served.options.signatures[signature].inputs
    problem, requests = None, 0
    for kind, files in _rewritten(images):
        outputs = served.grpc_outputs(signature, {key: np.array(files, object)})
        problem = (
            outputs
            if isinstance(outputs, str)
            else served.judged(signature, range(len(files)), outputs)
        )
        requests += 1
        if problem:
            problem = f"{problem}, written as {kind} (gRPC)"
            break
    what = "the same pixels in other PNG files"
    return Asked(signature, GRPC.name, what, requests, requests * len(images), problem or "")


def _rewritten(images: np.ndarray) -> Iterator[tuple[str, list[bytes]]]:
    pictures = [Image.fromarray(image) for image in images]
    opaque = {"L": ("RGB", "LA", "RGBA", "P"), "RGB": ("RGBA",)}.get(pictures[0].mode, ())
    for mode in (pictures[0].mode, *opaque):
        yield f"PNG of mode {mode}", [_png(picture.convert(mode)) for picture in pictures]


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "png", compress_level=0)
    return file.getvalue()


def judge(found: Sequence[Asked], options: Options) -> list[Check]:
    """Passes when every kind of file has the answer of the model's own function; no row where no
    signature takes files."""
    if not found:
        return []
    return asked.judge(
        NAME, "answers as the model's own function gives for each kind of file", found
    )
