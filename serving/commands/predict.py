"""`python -m serving predict`."""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import requests

from documents.console import reader_has_gone
from documents.shown import shown
from serving import pictures, signatures
from serving.batches import batches, json_size
from serving.client import ServingError
from serving.commands._model import GRPC, Model, connected
from serving.commands._progress import progress
from serving.commands._questions import Question, questions
from serving.commands._usage import UsageError
from serving.pictures import Picture

URL = "http://127.0.0.1:8501"
UNAVAILABLE = 503

HELP = """\
ask a model server about images, and print label and score of each

An INPUT is a PNG or JPEG file, a folder of them, an IDX file (with --index), or - for an image or a
JSON list of instances from standard input.

examples:
  python -m serving predict photo.png
  python -m serving predict photos/ --json
  python -m serving predict t10k-images-idx3-ubyte.gz --index 7
  python -m serving predict photo.png --url grpc://127.0.0.1:8500
  python -m serving predict photo.png --curl       the same request, to copy
  python -m serving predict --curl --signature serving_default"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("inputs", nargs="*", metavar="INPUT")
    parser.add_argument("--index", type=int, help="which image of an IDX file, from 0")
    parser.add_argument(
        "--url", default=URL, help=f"REST, or grpc://HOST:PORT for gRPC (default: {URL})"
    )
    parser.add_argument("--model-name", default="fashion_mnist", metavar="NAME")
    parser.add_argument("--version", type=int, help="default: the latest")
    parser.add_argument("--signature", metavar="NAME", help="default: one that takes images")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="one JSON object per image")
    output.add_argument(
        "--curl",
        action="store_true",
        help="print the request as a curl command; without INPUT with made-up values",
    )


class PredictError(RuntimeError):
    """The request cannot be made; the message says what to change."""


def run(options: argparse.Namespace) -> int:
    if options.curl and options.url.startswith(GRPC):
        raise UsageError("curl speaks REST: give --curl the http:// address with --url.")
    if not options.inputs and not options.curl:
        raise UsageError("name an image file, a folder, or - for standard input.")
    asked = questions(options.inputs, options.index)
    try:
        with connected(options) as model:
            return (_print_curl if options.curl else _ask)(options, model, asked)
    except requests.RequestException as error:
        return _unreachable(options.url, _cause(error))
    except ServingError as error:
        # gRPC itself says so too where nobody listens.
        if not options.url.startswith(GRPC) or error.status != UNAVAILABLE:
            raise
        return _unreachable(options.url, error.message)


def _ask(options: argparse.Namespace, model: Model, asked: Sequence[Question]) -> int:
    found: Iterator[Any] = (question.read() for question in asked)
    with progress("images", len(asked)) as done:
        for is_list, group in itertools.groupby(found, lambda item: isinstance(item, list)):
            if is_list:
                for instances in group:
                    print(json.dumps(model.predict(instances)))
                continue
            pairs = ((picture, _instance(picture, model)) for picture in group)
            for batch in batches(pairs, lambda pair: json_size(pair[1])):
                answers = model.predict([instance for _, instance in batch])
                for (picture, _), answer in zip(batch, answers, strict=True):
                    print(_line(picture.name, answer, options))
                if reader_has_gone():
                    return 0
                done(len(batch))
    return 0


def _instance(picture: Picture, model: Model) -> Any:
    """The file or, where the signature takes them, the pixels."""
    if signatures.takes_pixels(model.inputs) and model.inputs[0].shape is not None:
        return pictures.pixels(picture, *model.inputs[0].shape[1:])
    if not signatures.takes_files(model.inputs):
        raise PredictError(
            f"Signature {model.signature} takes no images; `--curl` shows what it takes."
        )
    return picture.content


def _line(name: str, answer: Any, options: argparse.Namespace) -> str:
    # A single output has no name.
    outputs = answer if isinstance(answer, dict) else {"output": answer}
    if options.json:
        return json.dumps({"input": name, **outputs})
    if "label" in outputs and "score" in outputs:
        return f"{shown(outputs['label']):<14} {outputs['score']:.4f}  {shown(name)}"
    scores = next(iter(outputs.values()))
    best = int(np.argmax(scores))
    return f"{best:<14} {np.ravel(scores)[best]:.4f}  {shown(name)}"


def _print_curl(options: argparse.Namespace, model: Model, asked: Sequence[Question]) -> int:
    instance = signatures.example_instance(model.inputs)
    for question in asked[:1]:
        found = question.read()
        instance = found[0] if isinstance(found, list) else _instance(found, model)
    print(
        signatures.curl(options.url, options.model_name, options.version, model.signature, instance)
    )
    return 0


def _unreachable(url: str, cause: str) -> int:
    print(
        f"No model server answers at {url} ({cause}); start one with `make serve`, or name it "
        "with --url.",
        file=sys.stderr,
    )
    return 1


def _cause(error: requests.RequestException) -> str:
    return "no connection" if isinstance(error, requests.ConnectionError) else str(error)
