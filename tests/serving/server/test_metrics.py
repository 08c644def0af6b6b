from __future__ import annotations

import pytest

from serving.server.metrics import Metrics
from serving.server.status import StatusError, invalid_argument


def test_requests_are_counted_by_model_and_status():
    metrics = Metrics()
    for _ in range(2):
        with metrics.request("m", "Predict", "REST"):
            pass
    with pytest.raises(StatusError), metrics.request('a"b', "Predict", "GRPC"):
        raise invalid_argument("no")
    lines = metrics.page().splitlines()
    assert "# TYPE :tensorflow:serving:request_count counter" in lines
    assert ':tensorflow:serving:request_count{model_name="m",status="OK"} 2' in lines
    assert (
        r':tensorflow:serving:request_count{model_name="a\"b",status="INVALID_ARGUMENT"} 1' in lines
    )


def test_latencies_fall_into_33_cumulative_buckets():
    metrics = Metrics()
    with metrics.request("m", "Predict", "REST"):
        pass
    name = ":tensorflow:serving:request_latency"
    labels = 'model_name="m",API="Predict",entrypoint="REST"'
    lines = metrics.page().splitlines()
    buckets = [line for line in lines if line.startswith(f"{name}_bucket{{{labels},le=")]
    assert len(buckets) == 33
    assert buckets[0].startswith(f'{name}_bucket{{{labels},le="10"}}')
    assert buckets[-1] == f'{name}_bucket{{{labels},le="+Inf"}} 1'
    counts = [int(line.rpartition(" ")[2]) for line in buckets]
    assert counts == sorted(counts)
    assert f"{name}_count{{{labels}}} 1" in lines
