"""Counts requests and their latency, and writes them for Prometheus as upstream does."""

from __future__ import annotations

import bisect
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType

from serving.server.status import Code, StatusError

PATH = "/monitoring/prometheus/metrics"
_PREFIX = ":tensorflow:serving:"
_REQUEST_COUNT = "/tensorflow/serving/request_count"
_LIMITS = [10 * 1.8**power for power in range(32)]
"""Upper limits in µs of all 33 buckets but the last (servables/tensorflow/util.cc)."""

MAX_FAILED_NAMES = 100
"""Clients choose the names of models that are not there; beyond so many, and for longer ones than
the next line says, failures are counted under OTHER."""
LONGEST_FAILED_NAME = 256
OTHER = "(other names)"

Labels = tuple[str, str, str]
"""Name of the model, API, and what was asked or ran."""


class Histogram:
    """How often values fell into each bucket."""

    def __init__(self) -> None:
        self._buckets = [0] * (len(_LIMITS) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        """Counts one value."""
        self._buckets[bisect.bisect_right(_LIMITS, value)] += 1
        self._sum += value

    def lines(self, name: str, labels: str) -> Iterator[str]:
        """Yields the lines of Prometheus's text format."""
        count = 0
        limits = [*(f"{limit:g}" for limit in _LIMITS), "+Inf"]
        for limit, bucket in zip(limits, self._buckets, strict=True):
            count += bucket
            yield f'{name}_bucket{{{labels},le="{limit}"}} {count}'
        yield f"{name}_sum{{{labels}}} {self._sum:g}"
        yield f"{name}_count{{{labels}}} {count}"


class Metrics:
    """What happened since the start, from any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, Code], int] = {}
        self._names: set[str] = set()
        self._requests: dict[Labels, Histogram] = {}
        self._runs: dict[Labels, Histogram] = {}

    def request(self, model_name: str, api: str, entrypoint: str) -> Timed:
        """Counts the request in the block, and its latency when it succeeds.

        Args:
          model_name: the model it asks.
          api: `Predict` of gRPC, and `predict` of REST, as upstream has it.
          entrypoint: `REST` or `GRPC`.
        """
        return Timed(self._count, (model_name, api, entrypoint))

    def runtime(self, model_name: str, api: str) -> Timed:
        """Measures the block, in which the graph runs, when it succeeds."""
        return Timed(self._count_run, (model_name, api, "TF1"))

    def _count(self, labels: Labels, code: Code, seconds: float) -> None:
        with self._lock:
            counted = (self._name(labels[0], code), code)
            self._counts[counted] = self._counts.get(counted, 0) + 1
            if code is Code.OK:
                _add(self._requests, labels, seconds)

    def _count_run(self, labels: Labels, code: Code, seconds: float) -> None:
        if code is Code.OK:
            with self._lock:
                _add(self._runs, labels, seconds)

    def _name(self, name: str, code: Code) -> str:
        """Under which name a request is counted; one that succeeded shows that it is a model's."""
        full = len(self._names) >= MAX_FAILED_NAMES or len(name) > LONGEST_FAILED_NAME
        if full and code is not Code.OK and name not in self._names:
            return OTHER
        self._names.add(name)
        return name

    def first_value(self, metric: str) -> int:
        """The first value of a counter by its name of upstream, as a reload reports it
        (model_servers/model_service_impl.cc); 0 for others."""
        with self._lock:
            return next(iter(self._counts.values()), 0) if metric == _REQUEST_COUNT else 0

    def page(self) -> str:
        """Everything in Prometheus's text format (util/prometheus_exporter.cc)."""
        with self._lock:
            return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        name = f"{_PREFIX}request_count"
        yield f"# TYPE {name} counter"
        for (model, code), count in self._counts.items():
            yield f"{name}{{{_show(('model_name', 'status'), (model, code.name))}}} {count}"
        for metric, last, histograms in (
            ("request_latency", "entrypoint", self._requests),
            ("runtime_latency", "runtime", self._runs),
        ):
            name = _PREFIX + metric
            yield f"# TYPE {name} histogram"
            for labels, histogram in histograms.items():
                yield from histogram.lines(name, _show(("model_name", "API", last), labels))


class Timed:
    """A block of which the end is told, with its code and how long it took.

    A class, because a generator with contextlib costs five times as much, for each request.
    """

    __slots__ = ("_done", "_labels", "_start")

    def __init__(self, done: Callable[[Labels, Code, float], None], labels: Labels) -> None:
        self._done = done
        self._labels = labels

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        code = Code.OK
        if error is not None:
            code = error.code if isinstance(error, StatusError) else Code.INTERNAL
        self._done(self._labels, code, time.perf_counter() - self._start)


def _add(histograms: dict[Labels, Histogram], labels: Labels, seconds: float) -> None:
    histogram = histograms.get(labels)
    if histogram is None:
        histogram = histograms[labels] = Histogram()
    histogram.add(seconds * 1e6)


def _show(names: tuple[str, ...], values: tuple[str, ...]) -> str:
    return ",".join(f'{name}="{_escape(value)}"' for name, value in zip(names, values, strict=True))


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
