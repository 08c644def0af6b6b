"""The report as JSON and as a page."""

import dataclasses
import json
import math
import re
from html.parser import HTMLParser

import pytest

from components.serving_check.checks.accuracy import Accuracy
from components.serving_check.checks.check import Check
from components.serving_check.checks.comparison import Comparison
from components.serving_check.checks.latency import Latency
from components.serving_check.checks.malformed import Refused
from components.serving_check.checks.memory import Memory
from components.serving_check.checks.parity import Difference, Parity
from components.serving_check.checks.rollout import Rollout, Stage, Tally
from components.serving_check.page import render
from components.serving_check.report import Report, parse_report
from documents.reader import parse
from documents.serving_report import Cost, ServingReport
from tests.there import there

PASSED = Report(
    model_name="fashion_mnist",
    backend="embedded",
    data_source="sample",
    checks=(
        Check("loads", True, "AVAILABLE within 60 s", "AVAILABLE after 2.31 s"),
        Check("latency p99", True, "≤ 100 ms", "3.20 ms over 200 requests"),
    ),
    parity=(
        Parity(
            "serving_default",
            (Difference(7, 3, 0.5, 0.5000001, 0.002),),
            (0.001, 0.002),
            (),
            ((0.5, 0.5), (0.9, 0.9)),
        ),
    ),
    malformed=(Refused("empty body", 400, 400, "JSON Parse error: The document is empty", True),),
    latency=Latency("serving_default", (1.5, 1.25, 3.2)),
    comparison=Comparison(((1.0, 1.1), (1.2, 9.0)), ((2.0, 2.1), (2.2, 2.3))),
    accuracy=Accuracy(0.9251, 10_000),
    memory=Memory(444.0, 440.0, 441.0, 10_000),
    rollout=Rollout(
        swap=Stage(30, (), 0, 0, 0.7, 0, 0.3, (Tally(9, 0, 0), Tally(5, 5, 0), Tally(0, 11, 0))),
        rollback=Stage(3, (), 0, 0, 0.9, 0, 0.1, (Tally(0, 3, 0),)),
        partial=Stage(5_171, (), 0, 0, 0.0),
        partial_copies=("an empty folder", "half of saved_model.pb"),
        megabytes=512.0,
        backend="embedded",
    ),
    cost=Cost(seconds=8.4, cpu_seconds=2.5, server_cpu_seconds=3.1),
)
REFUSED = Report(
    model_name="<script>alert(1)</script>",
    backend="embedded",
    data_source="",
    checks=(Check("loads", False, "AVAILABLE within 60 s", "the server stopped: <b>no</b>"),),
)


def test_the_verdict_follows_from_the_checks():
    assert PASSED.blessed
    assert PASSED.reason is None
    assert not REFUSED.blessed
    assert there(REFUSED.reason).startswith(
        "ServingCheck: loads: expected AVAILABLE within 60 s, found"
    )


def test_json_leads_with_the_verdict_and_reads_back():
    assert list(json.loads(PASSED.document.encode()))[:3] == ["format", "blessed", "reason"]
    for report in (PASSED, REFUSED):
        assert parse_report(report.document.encode().decode()) == report
        assert parse(ServingReport, report.document.encode()) == report.document


def test_an_infinite_difference_is_still_json():
    parity = Parity("s", (Difference(0, 0, 0.5, math.inf, math.inf),), (math.inf,), (0,))
    text = dataclasses.replace(PASSED, parity=(parity,)).document.encode().decode()
    strict = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert strict["parity"][0]["worst"][0]["ratio"] == "Infinity"
    assert there(parse_report(text).parity)[0].worst[0].ratio == math.inf


def test_the_short_verdict_holds_what_was_measured():
    verdict = PASSED.verdict().as_written()
    assert verdict["blessed"] is True
    assert verdict["checks"][0]["found"] == "AVAILABLE after 2.31 s"
    assert verdict["latency_ms"] == {"p50": 1.5, "p99": 3.2}
    assert (verdict["test_accuracy"], verdict["test_examples"]) == (0.9251, 10_000)
    of_numbers = dataclasses.replace(PASSED, accuracy=Accuracy(-0.5, 12, is_r2=True)).verdict()
    assert (of_numbers.test_accuracy, of_numbers.test_r2) == (None, -0.5)
    measured = {"latency_ms", "test_accuracy", "test_examples"}
    assert not measured & REFUSED.verdict().model_fields_set


def test_the_page_says_the_verdict_first_then_the_evidence():
    text = _text(render(PASSED))
    order = [
        "Passed",
        "0.9251",
        "10,000",
        "Data source sample",
        "embedded",
        "AVAILABLE after",
        "Parity",
        "Latency",
        "p99 3.20 ms",
        "Beside the live version",
        "live p99 9.00 ms",
        "Versions coming and going",
        "Hot swap",
        "Rollback",
        "an empty folder; half of saved_model.pb",
        "5,171 requests meanwhile, 0 answered wrongly, 0 failed",
        "Memory",
        "before 10,000 requests 440 MB",
        "peak with both versions 512 MB",
        "Malformed requests",
        "The document is empty",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_the_page_says_when_the_data_was_only_the_sample():
    assert "bundled sample" in _text(render(PASSED))
    full = dataclasses.replace(PASSED, data_source="debian")
    assert "bundled sample" not in _text(render(full))


def test_a_refusal_gives_its_reason_and_no_empty_sections():
    page = render(REFUSED)
    assert REFUSED.reason in _text(page)
    for absent in ("<svg", "Parity", "Latency", "Malformed", "Test accuracy", "Data source"):
        assert absent not in page


def test_without_a_live_version_nothing_stands_beside_the_candidate():
    text = _text(render(dataclasses.replace(PASSED, comparison=None)))
    assert "Beside the live version" not in text
    assert "beside itself as the former version" in text


def test_the_swap_is_drawn_moment_by_moment():
    page = render(PASSED)
    assert "0.1 s: 5 answers of the former version, 5 of the latter, 0 failed" in page
    assert page.count("<g><title>") == 4


def test_the_page_is_one_file_without_script_or_anything_to_fetch():
    page = render(PASSED)
    assert not re.search(r"<script|https?://|@import|url\(|<link|src=", page)


def test_texts_from_outside_are_escaped():
    page = render(REFUSED)
    assert "<script" not in page
    assert "<b>no</b>" not in page


class _Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.parts = []

    def handle_data(self, data):
        self.parts.append(data)


def _text(page):
    parser = _Text()
    parser.feed(page.split("</style>")[1])
    return " ".join(" ".join(parser.parts).split())
