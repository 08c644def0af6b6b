"""Counts requests and their latency, and writes them for Prometheus as upstream does."""

from __future__ import annotations

import bisect
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

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

Labels = tuple[tuple[str, str], ...]


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
        self._counts: dict[Labels, int] = {}
        self._names: set[str] = set()
        self._latencies: dict[str, dict[Labels, Histogram]] = {
            "request_latency": {},
            "runtime_latency": {},
        }

    @contextmanager
    def request(self, model_name: str, api: str, entrypoint: str) -> Iterator[None]:
        """Counts the request in the block, and its latency when it succeeds.

        Args:
          model_name: the model it asks.
          api: `Predict` of gRPC, and `predict` of REST, as upstream has it.
          entrypoint: `REST` or `GRPC`.
        """
        start = time.perf_counter()
        code = Code.OK
        try:
            yield
        except StatusError as error:
            code = error.code
            raise
        except Exception:
            code = Code.INTERNAL
            raise
        finally:
            with self._lock:
                counted = (("model_name", self._name(model_name, code)), ("status", code.name))
                self._counts[counted] = self._counts.get(counted, 0) + 1
            if code is Code.OK:
                labels = (("model_name", model_name), ("API", api), ("entrypoint", entrypoint))
                self._add("request_latency", labels, start)

    def _name(self, name: str, code: Code) -> str:
        """Under which name a request is counted; one that succeeded shows that it is a model's."""
        full = len(self._names) >= MAX_FAILED_NAMES or len(name) > LONGEST_FAILED_NAME
        if full and code is not Code.OK and name not in self._names:
            return OTHER
        self._names.add(name)
        return name

    @contextmanager
    def runtime(self, model_name: str, api: str) -> Iterator[None]:
        """Measures the block, in which the graph runs."""
        start = time.perf_counter()
        yield
        labels = (("model_name", model_name), ("API", api), ("runtime", "TF1"))
        self._add("runtime_latency", labels, start)

    def _add(self, metric: str, labels: Labels, start: float) -> None:
        microseconds = (time.perf_counter() - start) * 1e6
        with self._lock:
            self._latencies[metric].setdefault(labels, Histogram()).add(microseconds)

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
        for labels, count in self._counts.items():
            yield f"{name}{{{_show(labels)}}} {count}"
        for metric, histograms in self._latencies.items():
            name = _PREFIX + metric
            yield f"# TYPE {name} histogram"
            for labels, histogram in histograms.items():
                yield from histogram.lines(name, _show(labels))


def _show(labels: Labels) -> str:
    return ",".join(f'{name}="{_escape(value)}"' for name, value in labels)


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
