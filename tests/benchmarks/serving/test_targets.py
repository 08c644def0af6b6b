from __future__ import annotations

import dataclasses

from benchmarks.serving.churn import Churn
from benchmarks.serving.rates import Rate
from benchmarks.serving.targets import judge

GOOD = Churn(200, 10_000, 0, 100.0, 104.0)


def rates(cpu: float = 0.3, peer: float = 1_000.0) -> list[Rate]:
    own = [
        Rate("this server", protocol, batch, number, 1_000, 3_000.0, cpu)
        for protocol in ("REST", "gRPC")
        for batch in (1, 32)
        for number in (1, 2, 3)
    ]
    return [*own, Rate("mlserver", "REST", 1, 1, 1000, peer, 1.0)]


def missed(targets) -> list[str]:
    return [target.name for target in targets if not target.met]


def test_all_targets_can_be_met():
    assert missed(judge(rates(), GOOD)) == []


def test_cpu_time_beyond_the_limit_misses():
    names = missed(judge(rates(cpu=0.45), GOOD))
    assert names == ["REST, batch 1, CPU ms / request"]


def test_a_peer_half_as_fast_is_enough_and_a_faster_one_is_not():
    assert missed(judge(rates(peer=1_500.0), GOOD)) == []
    (name,) = missed(judge(rates(peer=1_501.0), GOOD))
    assert "mlserver" in name


def test_a_peer_that_was_left_out_is_not_judged():
    assert not any("litserve" in target.name for target in judge(rates(), GOOD))


def test_one_failed_request_or_growth_of_memory_misses():
    assert missed(judge(rates(), Churn(200, 10_000, 1, 100.0, 100.0)))
    assert missed(judge(rates(), Churn(200, 10_000, 0, 100.0, 106.0)))


def test_a_server_dearer_than_an_earlier_one_misses():
    earlier = [
        dataclasses.replace(rate, contender="earlier server", cpu_milliseconds=cpu)
        for rate in rates()
        if rate.contender == "this server"
        for cpu in [0.26 if (rate.protocol, rate.batch) == ("REST", 1) else 0.28]
    ]
    assert missed(judge([*rates(), *earlier], GOOD)) == [
        "REST, batch 1, CPU / request over the earlier server's"
    ]
