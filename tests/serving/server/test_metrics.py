from __future__ import annotations

import pytest

from serving.server.metrics import MAX_FAILED_NAMES, OTHER, Metrics
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


def test_a_fault_of_the_server_is_counted_as_one():
    metrics = Metrics()
    with pytest.raises(ZeroDivisionError), metrics.request("m", "Predict", "GRPC"):
        1 / 0  # noqa: B018
    page = metrics.page()
    assert ':tensorflow:serving:request_count{model_name="m",status="INTERNAL"} 1' in page
    assert "request_latency_count" not in page


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


def test_names_of_models_that_are_not_there_are_not_kept_for_ever():
    metrics = Metrics()
    for number in range(10_000):
        with pytest.raises(StatusError), metrics.request(f"none-{number}", "Predict", "REST"):
            raise invalid_argument("no")
    with metrics.request("m", "Predict", "REST"):
        pass
    with pytest.raises(StatusError), metrics.request("m", "Predict", "REST"):
        raise invalid_argument("no")
    with pytest.raises(StatusError), Metrics().request("n" * 10_000, "Predict", "REST"):
        raise invalid_argument("no")
    page = metrics.page()
    counted = [line for line in page.splitlines() if "request_count{" in line]
    assert len(counted) == MAX_FAILED_NAMES + 3
    name = ":tensorflow:serving:request_count"
    assert f'{name}{{model_name="{OTHER}",status="INVALID_ARGUMENT"}} 9900' in counted
    assert f'{name}{{model_name="m",status="INVALID_ARGUMENT"}} 1' in counted
