"""The budget of memory."""

import pytest

from components.serving_check.checks import graph, memory
from components.serving_check.checks.memory import LOOKS, Memory, judge
from components.serving_check.options import Options
from tests.components.serving_check.parts import served_of


def test_the_budget_is_in_megabytes():
    assert judge(Memory(499.6, 400, 400, 10_000), Options(megabytes=500))[0].ok
    check, _ = judge(Memory(612.4, 400, 400, 10_000), Options(megabytes=500))
    assert (check.ok, check.expected, check.found) == (False, "peak ≤ 500 MB", "612 MB")


def test_growth_is_relative_to_what_was_resident_before():
    _, check = judge(Memory(500, 400, 419, 10_000), Options())
    assert check.ok
    _, check = judge(Memory(500, 400, 421, 10_000), Options())
    assert (check.ok, check.found) == (False, "+5.2 %, 400 → 421 MB")


def test_memory_that_stayed_flat_is_judged_by_all_the_requests_there_would_have_been():
    _, check = judge(Memory(500, 400, 401, 3_000, flat=True), Options())
    assert check.ok
    assert check.expected == "≤ 5 % over 10,000 requests"
    assert check.found == "+0.2 %, 400 → 401 MB, so flat after 3,000 that no more were asked"


class Asking:
    """A server that takes so many bytes with each request, once it was asked so often."""

    def __init__(self, kilobytes: float, after: int = 0) -> None:
        self.requests = 0
        self._kilobytes, self._after = kilobytes, after

    def send(self, requests: int) -> int:
        self.requests += requests
        return requests

    def rss_megabytes(self) -> float:
        return 400 + max(0, self.requests - self._after) * self._kilobytes / 1e3

    peak_rss_megabytes = rss_megabytes


def measured(monkeypatch, asking: Asking, *, chance: bool = False, **options) -> Memory:
    monkeypatch.setattr(memory, "_Asking", lambda served: asking)
    found = graph.Graph((), 1, (), chance=chance)
    served = served_of(options=Options(**options), server=asking, learnt={graph.NAME: found})
    return memory.measure(served)


def test_few_requests_do_where_nothing_grows(monkeypatch):
    found = measured(monkeypatch, Asking(0))
    assert (found.requests, found.flat) == (LOOKS[0], True)


@pytest.mark.parametrize("kilobytes", [1.1, 1.9, 2.1, 100])
def test_what_leaks_with_each_request_is_asked_all_of_them(monkeypatch, kilobytes):
    """20 MB more are five percent, hence 2 kB each."""
    found = measured(monkeypatch, Asking(kilobytes))
    assert (found.requests, found.flat) == (10_000, False)
    assert judge(found, Options())[1].ok == (kilobytes < 2)


def test_all_are_asked_where_the_graph_has_chance_in_it(monkeypatch):
    assert measured(monkeypatch, Asking(0), chance=True).requests == 10_000


def test_as_many_are_asked_as_the_options_say(monkeypatch):
    assert measured(monkeypatch, Asking(0), growth_requests=400).requests == 400


def test_a_limit_itself_is_within():
    peak, growth = judge(Memory(500, 400, 420, 800), Options(megabytes=500))
    assert (peak.ok, growth.ok) == (True, True)
    assert (growth.name, growth.expected) == ("memory growth", "≤ 5 % over 800 requests")


def test_what_threads_and_buffers_take_at_first_does_not_count(monkeypatch):
    """Hundred requests before memory is looked at."""
    asking = Asking(0)
    monkeypatch.setattr(asking, "rss_megabytes", lambda: 400 + 4 * min(asking.requests, 100))
    assert measured(monkeypatch, asking, growth_requests=100).growth == 0


def test_a_look_may_not_stand_for_more_than_half_of_the_growth_that_is_allowed(monkeypatch):
    """Of five percent over 1,000 requests half a percent over 500 times one half: 1.25 percent."""
    for kilobytes, flat in ((9.9, True), (10.1, False)):
        found = measured(monkeypatch, Asking(kilobytes), growth_requests=1_000)
        assert (found.flat, found.requests) == (flat, 500 if flat else 1_000)
