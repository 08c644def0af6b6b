"""`python -m serving predict`."""

from __future__ import annotations

import argparse
import http
import itertools
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import requests

from documents.features import Features, Label
from documents.pictures.formats import PictureError
from documents.saved_model import EXTRA
from documents.shown import shown
from documents.terminal.console import reader_has_gone
from serving.clients import columns, signatures
from serving.clients.batches import batches, json_size
from serving.clients.columns import ColumnError, Row
from serving.clients.pictures import Picture
from serving.clients.rest_client import ServingError, cause
from serving.clients.rewritten import Rewritten
from serving.clients.url_options import server_option
from serving.commands._default import SERVING
from serving.commands._model import GRPC, Model, connected
from serving.commands._progress import progress
from serving.commands._questions import Question, ask_rows, questions
from serving.commands._usage import UsageError
from serving.pages import letterbox, snippets
from serving.pages.answer import json_safe, one_line, record

URL = "http://127.0.0.1:8501"
UNAVAILABLE = 503
_PLACES = re.compile(r"\{\{[^{}]*\}\}")

HELP = """\
ask a model server about images or rows of columns, and print the answer to each

An INPUT is an image file, a folder of them, an IDX file (with --index), or - for an image or a JSON
list of instances from standard input. PNG and JPEG are sent as they are; WebP, GIF, TIFF and BMP as
PNG. What is no picture is named on standard error, and the others are answered.

For a model of columns it is a CSV file, whose first line names them, JSON Lines, Parquet, or one
row as NAME=VALUE NAME=VALUE; what is left out of that, or empty, is missing. Where the version that
answers lies in --base-path, cells are read as those that it learned from, 1.234,5 and 25.11.2026
too. Dates may always be 2026-11-25 or 2026-11-25T13:45:00; a column of images holds paths of files,
seen from where the CSV file lies. Printed is the best class with its probability, the number, or
the tags. Of a model whose signatures answer probabilities alone, classes and tags have names where
the version that answers lies in --base-path; else the number of the best class is printed, from 0.

examples:
  python -m serving predict photo.png
  python -m serving predict photos/ --json
  python -m serving predict t10k-images-idx3-ubyte.gz --index 7
  python -m serving predict rows.csv --model-name trips
  python -m serving predict fare=12 'company=Blue Cab' --base-path /models/trips
  python -m serving predict photo.png --url grpc://127.0.0.1:8500
  python -m serving predict photo=cat.jpg age=3 --model-name pets
  python -m serving predict photo.png --curl       the same request, to copy; or --python
  python -m serving predict --curl --signature serving_default"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("inputs", nargs="*", metavar="INPUT")
    parser.add_argument("--index", type=int, help="which image of an IDX file, from 0")
    parser.add_argument(
        "--url",
        type=server_option,
        default=URL,
        help=f"REST, or grpc://HOST:PORT for gRPC (default: {URL})",
    )
    parser.add_argument(
        "--model-name", metavar="NAME", help=f"default: that of the model in {SERVING}"
    )
    parser.add_argument(
        "--base-path",
        dest="served_from",
        metavar="PATH",
        help="where the versions lie that the server has, to read names of classes from, and how "
        f"cells are written (default: {SERVING}/NAME)",
    )
    parser.add_argument("--version", type=int, help="default: the latest")
    parser.add_argument(
        "--signature",
        metavar="NAME",
        help="default: one that takes images; of rows columns, or serving_default",
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="one JSON object per image or row")
    output.add_argument(
        "--curl",
        action="store_true",
        help="print the request as a curl command; without INPUT with made-up values",
    )
    output.add_argument(
        "--python", action="store_true", help="as --curl, as a program that needs nothing else"
    )


_NO_SUCH_MODEL = "Servable not found"
"""TensorFlow Serving's words, and the embedded server's."""


class PredictError(RuntimeError):
    """The request cannot be made; the message says what to change."""


def run(options: argparse.Namespace) -> int:
    spelled = snippets.curl if options.curl else snippets.python if options.python else None
    if spelled and options.url.startswith(GRPC):
        raise UsageError("requests to copy speak REST: give the http:// address with --url.")
    if not options.inputs and not spelled:
        raise UsageError("name an image file, a folder, or - for standard input.")
    of_rows = ask_rows(options.inputs)
    asked = [] if of_rows else questions(options.inputs, options.index)
    try:
        with connected(options, of_rows=of_rows) as model:
            if of_rows and model.features is None:
                _say_plainly(model)
            if of_rows:  # Tables are read as the model's were.
                taken = [item.name for item in model.inputs]
                table = model.features.table if model.features else None
                asked = questions(options.inputs, options.index, taken, table)
            if spelled:
                return _print_request(options, model, asked, spelled)
            return _ask(options, model, asked)
    except requests.RequestException as error:
        return _unreachable(options.url, cause(error))
    except ServingError as error:
        if _NO_SUCH_MODEL in error.message:
            print(f"{error}; name the model that it serves with --model-name.", file=sys.stderr)
            return 1
        # gRPC itself says so too where nobody listens.
        if not options.url.startswith(GRPC) or error.status != UNAVAILABLE:
            raise
        return _unreachable(options.url, error.message)


def _say_plainly(model: Model) -> None:
    """A comma or -999 may have meant something else to who learned, which no answer shows."""
    print(
        f"There is no {Features.FILE} in {shown(os.path.join(model.folder, EXTRA))}, so cells are"
        " read plainly, as 1234.5 and 2026-11-25T13:45:00, whatever way the data of the model were"
        " written; name the folder of its versions with --base-path.",
        file=sys.stderr,
    )


def _ask(options: argparse.Namespace, model: Model, asked: Sequence[Question]) -> int:
    refused: list[str] = []
    label = model.features.label if model.features else None

    def refuse(words: object) -> None:
        refused.append(shown(words))
        print(refused[-1], file=sys.stderr)

    def found() -> Iterator[Any]:
        for question in asked:
            try:
                yield question.read()
            except PictureError as error:
                refuse(error)

    with progress("rows" if asked[0].row else "images", len(asked)) as done:
        for is_list, group in itertools.groupby(found(), lambda item: isinstance(item, list)):
            if is_list:
                for instances in group:
                    print(json.dumps(json_safe(model.predict(instances)), allow_nan=False))
                continue
            pairs = _instances(group, model, refuse)
            for batch in batches(pairs, lambda pair: json_size(pair[1])):
                for picture, answer in _answers(batch, model, refuse):
                    print(_line(picture.name, answer, options, label))
                if reader_has_gone():
                    return 0
                done(len(batch))
    return 1 if refused else 0


def _instances(
    found: Iterable[Picture | Row], model: Model, refuse: Callable[[object], None]
) -> Iterator[tuple[Picture | Row, Any]]:
    rewritten = Rewritten(columns.described(model.features))
    for picture in found:
        try:
            instance = _instance(picture, model)
        except (PictureError, ColumnError) as error:
            refuse(error)
            continue
        for sentence in rewritten.told(instance) if isinstance(picture, Row) else ():
            print(f"{shown(picture.name)}: {sentence}.", file=sys.stderr)
        yield picture, instance


def _answers(
    batch: Sequence[tuple[Picture | Row, Any]], model: Model, refuse: Callable[[object], None]
) -> Iterator[tuple[Picture | Row, Any]]:
    """Each with its answer; one that the model refuses does not take the others along."""
    try:
        answers = model.predict([instance for _, instance in batch])
    except ServingError as error:
        if error.status != http.HTTPStatus.BAD_REQUEST:
            raise
        if len(batch) > 1:
            for pair in batch:
                yield from _answers([pair], model, refuse)
            return
        [(picture, _)] = batch
        refuse(f"{picture.name} was refused by the model server: {_first_line(error.message)}")
        return
    yield from zip((picture for picture, _ in batch), answers, strict=True)


def _instance(picture: Picture | Row, model: Model) -> Any:
    """The columns, or the file of a picture; its pixels where the signature takes those."""
    if isinstance(picture, Row):
        if not columns.takes_columns(model.inputs):
            raise PredictError(
                f"Signature {model.signature} takes no columns; `--curl` shows what it takes."
            )
        return columns.instance(picture, model.inputs, columns.described(model.features))
    if signatures.takes_pixels(model.inputs) and model.inputs[0].shape is not None:
        return letterbox.seen(picture.content, picture.name, *model.inputs[0].shape[1:])
    if not signatures.takes_files(model.inputs):
        raise PredictError(
            f"Signature {model.signature} takes no images; `--curl` shows what it takes."
        )
    return picture.content


def _line(name: str, answer: Any, options: argparse.Namespace, label: Label | None) -> str:
    if options.json:
        return json.dumps(record(name, answer), allow_nan=False)
    text, score = one_line(answer, label)
    number = "" if score is None else f" {score:.4f}"
    return f"{text:<14}{number}  {shown(name)}"


def _print_request(
    options: argparse.Namespace,
    model: Model,
    asked: Sequence[Question],
    spelled: Callable[..., str],
) -> int:
    instance, file = signatures.example_instance(model.inputs), None
    for question in asked[:1]:
        found = question.read()
        if isinstance(found, list):
            instance = found[0]
        else:
            instance = _instance(found, model)
            if isinstance(found, Picture) and instance is found.content:
                file = found.file
    served = (options.url, options.model_name, options.version, model.signature)
    print(spelled(*served, instance, file))
    return 0


def _unreachable(url: str, cause: str) -> int:
    print(
        f"No model server answers at {url} ({cause}); start one with `make serve`, or name it "
        "with --url.",
        file=sys.stderr,
    )
    return 1


def _first_line(message: str) -> str:
    """Without the place in the graph, which TensorFlow adds."""
    return _PLACES.sub("", message).strip().partition("\n")[0]
