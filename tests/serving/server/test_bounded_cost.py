"""What requests may cost, and what they may never get, whatever is in them."""

from __future__ import annotations

import contextlib
import gzip
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import grpc
import psutil
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tensorflow.core.framework import tensor_pb2
from tensorflow_serving.apis import (
    classification_pb2,
    inference_pb2,
    predict_pb2,
    regression_pb2,
)

from serving.launch import ModelServer, launch
from tests.examples import examples
from tests.serving.server.nasty_bodies import GRPC, REST, Rest, predict, tensor
from tests.yardstick import slowness

pytestmark = pytest.mark.slow

SIZE = 1 << 18
T = TypeVar("T")
SECONDS_PER_MEGABYTE = 2.0
FRAGMENTS_MEGABYTES = 36
"""What a request of 4 MB may take besides ten times its body: the 32 MiB that `message_cost` leaves
to any request, and heaps of threads and of libraries that it is the first to use."""
REQUEST_BYTES = 4_000_000
TRIMMED_SECONDS = 0.4
"""After a request, until the heap was trimmed."""
LEFT_MEGABYTES = 120
"""Resident after thirty large requests; 81 on a busy machine."""
OF_MODEL_SERVICE = ("HandleReloadConfigRequest", "GetModelStatus")
FAULTS = ("INTERNAL", "UNKNOWN", "UNAVAILABLE", "CANCELLED", "DATA_LOSS")
NEVER_SAID = ("Traceback", " object at 0x", "numpy", "orjson", "<class", "Exception", "errno")


@pytest.fixture(scope="module")
def server(base_path: Path) -> Iterator[ModelServer]:
    with launch(base_path, "small", backend="embedded", grpc=True) as running:
        running.wait_available()
        yield running


@pytest.fixture
def channel(server: ModelServer) -> Iterator[grpc.Channel]:
    """A new one each time: the server gives up those that were idle for a minute."""
    unlimited = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(server.grpc_target or "", unlimited) as opened:
        yield opened


@contextlib.contextmanager
def at_most(server: ModelServer, seconds: float) -> Iterator[None]:
    """Fails when the server takes more CPU time than that in the block, on a usual core."""
    process = psutil.Process(server.pid)
    before = sum(process.cpu_times()[:2])
    yield
    took = sum(process.cpu_times()[:2]) - before
    # To know the core takes longer than most requests.
    assert took <= seconds or took <= seconds * slowness()


def post(server: ModelServer, case: Rest, body: bytes) -> requests.Response:
    headers = {"Content-Encoding": "gzip"} if case.packed else {}
    url = f"{server.rest_url}/v1/models/small:{case.verb}"
    return requests.post(url, data=body, headers=headers, timeout=300)


def call(channel: grpc.Channel, method: str, message: bytes) -> tuple[str, str]:
    service = "ModelService" if method in OF_MODEL_SERVICE else "PredictionService"
    asked = channel.unary_unary(f"/tensorflow.serving.{service}/{method}")
    try:
        asked(message, timeout=300)
    except grpc.RpcError as error:
        return error.code().name, error.details()
    return "OK", ""


def check_answer(response: requests.Response) -> None:
    assert response.status_code < 500 or response.status_code == 501, response.text[:300]
    if response.status_code != 200:
        said = json.loads(response.content)["error"]
        assert said
        assert not [text for text in NEVER_SAID if text in said], said[:300]


def check_code(code: str, said: str) -> None:
    assert code not in FAULTS, said
    assert (code == "OK") == (not said)
    assert not [text for text in NEVER_SAID if text in said], said


@pytest.mark.parametrize("case", REST.values(), ids=list(REST))
def test_a_body_costs_no_more_than_its_size(server: ModelServer, case: Rest):
    body = case.make(SIZE)
    with at_most(server, SECONDS_PER_MEGABYTE * max(len(body), SIZE) / 1e6):
        check_answer(post(server, case, body))
    assert server.alive


@pytest.mark.parametrize("name", GRPC)
def test_a_message_costs_no_more_than_its_size(
    server: ModelServer, channel: grpc.Channel, name: str
):
    method, make = GRPC[name]
    message = make(SIZE).SerializeToString()
    with at_most(server, SECONDS_PER_MEGABYTE * max(len(message), SIZE) / 1e6):
        check_code(*call(channel, method, message))
    assert server.alive


BOUNDED_LISTS = (
    "ragged rows", "rows of one number", "rows of two levels", "digits",
    "digits for small integers",
    "digits for another type", "images", "decimals", "nulls", "flags", "flags for numbers",
    "empty lists", "empty lists before a list", "empty objects", "named rows",
    "named rows, one of another name", "named rows, a name twice", "named rows of a pair",
    "one column", "one ragged column", "brackets", "brackets that stay open", "objects",
    "a text of escapes", "a text that is not UTF-8", "spaces", "packed digits", "packed spaces",
)  # fmt: skip
BOUNDED_TEXTS_AND_WHOLES = (
    "empty texts", "texts", "texts of one character", "bytes", "bytes of nothing",
    "a list that stays open", "lists in one that stays open", "texts in a list that stays open",
    "one row of numbers", "one row of lists", "one row of texts", "one named row",
    "lists that no input needs", "objects that no input needs", "lists as the name of a signature",
    "a list of lists", "a context of many numbers", "empty examples", "empty examples to regress",
    "many members", "rows of texts", "one column of texts", "digits for doubles",
    "digits for long integers", "texts with colons", "texts of one escape",
    "a table of many columns",
    "a deep column with an error at its end", "a long name", "a long name of an input", "examples",
    "an example of texts", "an example of many features", "a context of many features",
    "one row of short texts", "one row of rows", "two rows of numbers", "two named rows of numbers",
    "different texts", "an example of many decimals", "a context for many examples",
)  # fmt: skip


BOUNDED_MESSAGES = (
    "empty texts", "texts as content", "many inputs", "many filters", "empty examples",
    "far too many dimensions", "many tasks", "many fields of metadata", "floats", "small integers",
    "long integers", "flags", "halves", "texts", "texts that end in zero", "different texts",
    "content", "integers one by one", "a context for many examples", "examples",
    "texts of one character", "texts of two characters", "texts of very different lengths",
    "two inputs of integers", "an example of many features", "many models",
)  # fmt: skip


@pytest.mark.extended
def test_no_request_takes_more_memory_than_ten_times_its_size(base_path: Path):
    """Of each of three servers the heap is trimmed while the others are asked."""
    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(held, base_path) for held in (_lists, _texts_and_wholes, _messages)]
        for each in running:
            each.result()


def _lists(base_path: Path) -> None:
    with _asked_once(base_path) as server:
        start = server.rss_megabytes()
        check_memory(server, BOUNDED_LISTS, lambda name: _posting(server, name))
        time.sleep(1)  # Until the heap was trimmed.
        assert server.rss_megabytes() - start < LEFT_MEGABYTES


def _texts_and_wholes(base_path: Path) -> None:
    with _asked_once(base_path) as server:
        check_memory(server, BOUNDED_TEXTS_AND_WHOLES, lambda name: _posting(server, name))


def _messages(base_path: Path) -> None:
    with (
        launch(base_path, "small", backend="embedded", grpc=True) as server,
        grpc.insecure_channel(server.grpc_target or "") as channel,
    ):
        server.wait_available()
        call(channel, *_message("floats", 1000))

        def calling(name: str) -> Callable[[], object]:
            message = _message(name, REQUEST_BYTES)
            return lambda: check_code(*call(channel, *message))

        check_memory(server, BOUNDED_MESSAGES, calling)


@contextlib.contextmanager
def _asked_once(base_path: Path) -> Iterator[ModelServer]:
    """A server for REST; what a first request loads does not count."""
    with launch(base_path, "small", backend="embedded") as server:
        server.wait_available()
        for _ in range(3):
            post(server, REST["digits"], REST["digits"].make(1000))
        yield server


def _posting(server: ModelServer, name: str) -> Callable[[], object]:
    body = REST[name].make(REQUEST_BYTES)
    return lambda: post(server, REST[name], body)


def check_memory(
    server: ModelServer, names: Sequence[str], prepare: Callable[[str], Callable[[], object]]
) -> None:
    """Has `prepare` make each request, while the heap is trimmed after the one before, and asks."""
    asked = time.monotonic()
    for name in names:
        ask = prepare(name)
        time.sleep(max(0, asked + TRIMMED_SECONDS - time.monotonic()))
        Path(f"/proc/{server.pid}/clear_refs").write_text("5")  # The peak begins anew.
        before = server.rss_megabytes()
        ask()
        asked = time.monotonic()
        grown = server.peak_rss_megabytes() - before
        assert grown < 10 * REQUEST_BYTES / 1e6 + FRAGMENTS_MEGABYTES, (name, grown)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("unsigned integers", marks=pytest.mark.extended), "two inputs of integers",
        "texts of very different lengths",
        pytest.param("texts of one character", marks=pytest.mark.extended),
    ],
)  # fmt: skip
def test_values_that_are_far_larger_in_memory_are_refused_before_they_are_there(
    server: ModelServer, channel: grpc.Channel, name: str
):
    method, message = _message(name, 8_000_000)
    code, said = within(server, 7 * len(message), lambda: call(channel, method, message))
    assert (code, "send it in several parts" in said) == ("RESOURCE_EXHAUSTED", True), said


def test_so_are_short_texts_in_json(server: ModelServer):
    case = REST["one row of texts"]
    body = case.make(8_000_000)
    response = within(server, 10 * len(body), lambda: post(server, case, body))
    assert (response.status_code, "several parts" in response.json()["error"]) == (429, True)


@pytest.mark.extended
@pytest.mark.parametrize("name", ["small integers", "texts", "examples"])
def test_what_is_answered_takes_no_more_than_ten_times_whatever_its_size(
    server: ModelServer, channel: grpc.Channel, name: str
):
    method, message = _message(name, 16_000_000)
    answer = within(server, 10 * len(message), lambda: call(channel, method, message))
    assert answer == ("OK", "")


def within(server: ModelServer, most: int, ask: Callable[[], T]) -> T:
    """What is answered; fails when each of three times the server takes more bytes meanwhile.

    Once may be the pieces in which a heap was left by earlier requests.
    """
    taken = []
    for _ in range(3):
        time.sleep(0.6)  # Until the heap was trimmed.
        Path(f"/proc/{server.pid}/clear_refs").write_text("5")  # The peak begins anew.
        before = server.rss_megabytes()
        answer = ask()
        taken.append(server.peak_rss_megabytes() - before)
        if taken[-1] <= most / 1e6:
            return answer
    raise AssertionError(f"{taken} MB of {most / 1e6}")


def _message(name: str, size: int) -> tuple[str, bytes]:
    method, make = GRPC[name]
    return method, make(size).SerializeToString()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["YQ==", "YQ", 1e39, -0.0, {"b64": "YQ=="}]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["b64", "x", "a", "b", "s", "inputs"]), inner)
    ),
    max_leaves=12,
)
SIGNATURES = st.sampled_from(
    ["", "serving_default", "two", "text", "uneven", "no_batch", "classify", "regress", "float32",
     "float64", "int8", "int64", "uint8", "uint64", "bool", "string", "half", "nothing"]
)  # fmt: skip
PIECES = st.sampled_from(
    [b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\", b"\\u", b"\\ud800", b"NaN", b"-Inf", b"1e999",
     b"true", b"null", b'{"b64":', b"\xff", b"\x00", b'"a":1', b"0" * 30, b"-", b"\xef\xbb\xbf"]
)  # fmt: skip


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    key = draw(st.sampled_from(["instances", "inputs", "examples"]))
    document = {"signature_name": draw(SIGNATURES), key: draw(JSON)}
    if draw(st.integers(0, 5)) == 0:
        document = draw(st.dictionaries(st.sampled_from(["instances", "inputs", "context"]), JSON))
    body = json.dumps(document, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    for _ in range(draw(st.integers(0, 3))):
        position = draw(st.integers(0, len(body)))
        cut = draw(st.integers(0, 3))
        body = body[:position] + draw(PIECES | st.binary(max_size=3)) + body[position + cut :]
    return body


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=examples(4),
    deadline=None,
)
@given(bodies(), st.sampled_from(["predict", "classify", "regress"]), st.integers(0, 9))
def test_no_body_is_a_fault_of_the_server(
    server: ModelServer, body: bytes, verb: str, packing: int
):
    if packing == 0:
        body = gzip.compress(body)
    check_answer(post(server, Rest(bytes, verb, packed=packing < 2), body))


REQUESTS = {
    "Predict": predict_pb2.PredictRequest,
    "Classify": classification_pb2.ClassificationRequest,
    "Regress": regression_pb2.RegressionRequest,
    "MultiInference": inference_pb2.MultiInferenceRequest,
}
NUMBERS = st.integers(-(2**31), 2**31 - 1)


@st.composite
def tensors(draw: st.DrawFn) -> tensor_pb2.TensorProto:
    made = tensor(
        draw(st.integers(0, 30)),
        *draw(st.lists(st.sampled_from([-1, 0, 1, 2, 3, 2**20, 2**40]), max_size=40)),
        float_val=draw(st.lists(st.floats(width=32), max_size=4)),
        int_val=draw(st.lists(NUMBERS, max_size=4)),
        string_val=draw(st.lists(st.binary(max_size=3), max_size=4)),
        half_val=draw(st.lists(NUMBERS, max_size=2)),
        scomplex_val=draw(st.lists(st.floats(width=32), max_size=3)),
    )
    made.tensor_content = draw(st.just(b"") | st.binary(max_size=16))
    made.tensor_shape.unknown_rank = draw(st.booleans())
    return made


@st.composite
def messages(draw: st.DrawFn) -> tuple[str, bytes]:
    method = draw(st.sampled_from(sorted(REQUESTS)))
    names = st.sampled_from(["x", "a", "b", "s", "inputs"])
    request: Any = predict(draw(SIGNATURES), **draw(st.dictionaries(names, tensors(), max_size=2)))
    request.output_filter.extend(draw(st.lists(st.sampled_from(["y", "sum", "z"]), max_size=3)))
    if method != "Predict":
        request = REQUESTS[method]()
        specs = [request.model_spec] if method != "MultiInference" else [
            request.tasks.add(method_name=f"tensorflow/serving/{kind}").model_spec
            for kind in draw(st.lists(st.sampled_from(["classify", "regress", "x"]), max_size=3))
        ]  # fmt: skip
        for spec in specs:
            spec.name, spec.signature_name = "small", draw(SIGNATURES)
        for values in draw(st.lists(st.lists(st.floats(width=32), max_size=2), max_size=3)):
            example = request.input.example_list.examples.add()
            example.features.feature["x"].float_list.value.extend(values)
    data = request.SerializeToString()
    for _ in range(draw(st.integers(0, 2))):
        position = draw(st.integers(0, len(data)))
        data = data[:position] + draw(st.binary(max_size=4)) + data[position + 1 :]
    return method, data


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=examples(4),
    deadline=None,
)
@given(messages())
def test_no_message_is_a_fault_of_the_server(channel: grpc.Channel, sent: tuple[str, bytes]):
    check_code(*call(channel, *sent))
