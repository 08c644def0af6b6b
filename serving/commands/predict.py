"""`python -m serving predict`."""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import requests

from serving import pictures, signatures
from serving.client import RestClient, ServingError
from serving.pictures import Picture
from serving.signatures import Signatures

URL = "http://127.0.0.1:8501"
GRPC = "grpc://"
BATCH = 64
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
    try:
        return _run(options)
    except requests.RequestException as error:
        return _unreachable(options.url, _cause(error))
    except ServingError as error:
        # gRPC itself says so too where nobody listens.
        if not options.url.startswith(GRPC) or error.status != UNAVAILABLE:
            raise
        return _unreachable(options.url, error.message)


def _unreachable(url: str, cause: str) -> int:
    print(
        f"No model server answers at {url} ({cause}); start one with `make serve`, or name it "
        "with --url.",
        file=sys.stderr,
    )
    return 1


def _run(options: argparse.Namespace) -> int:
    if options.url.startswith(GRPC):
        if options.curl:
            raise PredictError("curl speaks REST: give --curl the http:// address with --url.")
        known: Signatures = {}
        signature = options.signature or "image_bytes"
    else:
        known = signatures.live_signatures(_rest(options), options.version)
        signature = signatures.choose(known, options.signature)
    if options.curl:
        return _print_curl(options, known, signature)
    if not options.inputs:
        raise PredictError("Name an image file, a folder or - to ask about; --help has examples.")
    waiting = _pictures(options)
    while batch := list(itertools.islice(waiting, BATCH)):
        if isinstance(batch[0], list):  # JSON from standard input
            print(json.dumps(_rest(options).predict(batch[0], signature, options.version)))
            continue
        values = [_instance(picture, known, signature) for picture in batch]
        for picture, answer in zip(batch, _ask(options, signature, values), strict=True):
            print(_line(picture.name, answer, options))
    return 0


def _rest(options: argparse.Namespace) -> RestClient:
    return RestClient(options.url, options.model_name)


def _pictures(options: argparse.Namespace) -> Iterator[Any]:
    for given in options.inputs:
        path = Path(given)
        if given == "-":
            content = sys.stdin.buffer.read(pictures.LARGEST_FILE + 1)
            instances = _json_list(content)
            if instances is not None:
                yield instances
            else:
                yield Picture("-", pictures.checked(content, "Standard input"))
        elif path.is_dir():
            yield from map(pictures.from_file, pictures.in_folder(path))
        else:
            yield pictures.from_file(path, options.index)


def _json_list(content: bytes) -> list[Any] | None:
    if content[:1] not in (b"[", b"{"):
        return None
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise PredictError(f"Standard input is no valid JSON: {error}.") from error
    found = document.get("instances") if isinstance(document, dict) else document
    if not isinstance(found, list):
        raise PredictError('Standard input must be a list, or {"instances": [...]}.')
    return found


def _instance(picture: Picture, known: Signatures, signature: str) -> Any:
    inputs = known.get(signature, ())
    if signatures.takes_pixels(inputs) and inputs[0].shape is not None:
        return pictures.pixels(picture, *inputs[0].shape[1:])
    if known and not signatures.takes_files(inputs):
        raise PredictError(f"Signature {signature} takes no images; `--curl` shows what it takes.")
    return picture.content


def _ask(
    options: argparse.Namespace, signature: str, values: Sequence[Any]
) -> Iterator[dict[str, Any]]:
    """Yields the outputs by name of each instance."""
    if not options.url.startswith(GRPC):
        for answer in _rest(options).predict(values, signature, options.version):
            yield answer if isinstance(answer, dict) else {"output": answer}
        return
    # Only who asks over gRPC loads it.
    from serving.grpc_client import GrpcClient

    target = options.url[len(GRPC) :]
    with GrpcClient(target, options.model_name) as client:
        answers = client.predict({"image_bytes": list(values)}, signature, options.version)
    for index in range(len(values)):
        yield {name: _plain(array[index]) for name, array in answers.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return [_plain(item) for item in value] if np.ndim(value) else value.item()


def _line(name: str, answer: dict[str, Any], options: argparse.Namespace) -> str:
    if options.json:
        return json.dumps({"input": name, **answer})
    if "label" in answer and "score" in answer:
        return f"{answer['label']:<14} {answer['score']:.4f}  {name}"
    scores = next(iter(answer.values()))
    best = int(np.argmax(scores))
    return f"{best:<14} {np.ravel(scores)[best]:.4f}  {name}"


def _print_curl(options: argparse.Namespace, known: Signatures, signature: str) -> int:
    instance: Any = signatures.example_instance(known[signature])
    for found in itertools.islice(_pictures(options), 1):
        instance = found[0] if isinstance(found, list) else _instance(found, known, signature)
    print(signatures.curl(options.url, options.model_name, options.version, signature, instance))
    return 0


def _cause(error: requests.RequestException) -> str:
    return "no connection" if isinstance(error, requests.ConnectionError) else str(error)
