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
from components.serving_check.columns import tensors
from components.serving_check.odd_inputs import OddInput, in_company, send_odd
from components.serving_check.options import Options
from components.serving_check.paths import GRPC, REST
from documents.terminal.counted import counted

if TYPE_CHECKING:
    from components.serving_check.served import Served

NAME = "encodings"
PICTURES = 4
"""Reference images that are written in other ways."""
BEFORE_ANOTHER = 3
"""Every third file is asked about once more, in front of an example: whoever looks at the first
file of a batch alone reads the others as one like it."""
FEW, MANY = (2, 3, 4), 128
"""Files of one format in a batch; the last one is exceeded."""
_TIMES = 6
"""Batches of few of each size and format."""
_MAGIC = 2
"""Bytes by which a file's format is known."""
_SMALL = 20_000
"""Bytes of files that are asked about in many batches."""


@asked.until_wrong
def measure(served: Served) -> Iterator[Asked]:
    """Sends every file alone and in company, and those that have to be refused."""
    for signature, expected in served.options.signatures.items():
        if expected.feed == "png":
            yield _lossless(served, signature, None)
        elif expected.feed == "columns" and expected.images:
            for name in expected.images:
                yield _lossless(served, signature, name)
        else:
            continue
        files = list(served.pool(signature).files)
        taken = [file for file in served.reference.files if feeds.takes_file(expected, file)]
        known = [file for file in taken if file.probabilities is not None]
        if files:
            alone = [[place] for place in files]
            among = [files, files[::-1], [0, *files[:5], 0], [files[-1], *files[::3]]]
            said = f"{counted(len(alone), 'file')}, one by one"
            yield asked.ask(served, signature, REST, said, alone)
            before = [[place, 0] for place in files[::BEFORE_ANOTHER]]
            said = f"{counted(len(before), 'file')}, each before an example"
            yield asked.ask(served, signature, GRPC, said, before)
            yield asked.ask(served, signature, GRPC, "files of all kinds together", among)
            contents = [file.content for file in known]
            said = "files of one format together, and the same one twice"
            yield asked.ask(served, signature, GRPC, said, alike(files, contents))
        refused = [
            OddInput(
                f"“{each.name}”",
                feeds.of_file(expected, each, served.reference.examples[each.example]),
                refused=True,
            )
            for each in taken
            if each.probabilities is None
        ]
        if refused:
            yield from send_odd(served, signature, "files that are to be refused", refused)
            beside = in_company(refused, served.pool(signature).inputs[:1])
            said = "the same, each beside a good one"
            yield from send_odd(served, signature, said, beside, over_rest=False)


def alike(places: Sequence[int], contents: Sequence[bytes]) -> Iterator[list[int]]:
    """Yields batches of nothing but files of one format, as clients have them who send photos: few,
    and more than MANY; and some of them twice.

    Args:
      places: in the pool.
      contents: of the files there, in the same order.
    """
    formats: dict[bytes, list[int]] = {}
    for place, content in zip(places, contents, strict=True):
        if len(content) <= _SMALL:
            formats.setdefault(content[:_MAGIC], []).append(place)
    for group in formats.values():
        starts = range(0, len(group), -(-len(group) // _TIMES))
        for count in FEW:
            yield from (group[start : start + count] for start in starts)
        yield (group * (1 + MANY // len(group)))[: MANY + 1]
        yield from ([place, place] for place in group[1::BEFORE_ANOTHER][: 2 * _TIMES])


def _lossless(served: Served, signature: str, column: str | None) -> Asked:
    """The same pixels in other PNG files, which have to be answered as the pixels themselves."""
    expected = served.options.signatures[signature]
    examples = served.reference.examples[:PICTURES]
    inputs = feeds.feed_array(expected, examples, served.options)
    images = [_opened(file) for file in (inputs if column is None else inputs[column])]
    problem, requests = None, 0
    for kind, files in _rewritten(images):
        if column is None:
            inputs = np.array(files, object)
        else:
            inputs[column] = files
        outputs = served.grpc_outputs(signature, tensors(expected, inputs))
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


def _opened(file: bytes) -> Image.Image:
    with Image.open(io.BytesIO(file)) as picture:
        picture.load()
        return picture


def _rewritten(pictures: Sequence[Image.Image]) -> Iterator[tuple[str, list[bytes]]]:
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
