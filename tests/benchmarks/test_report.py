"""The tables and the document."""

import io
import json

from rich.console import Console
from rich.table import Table

from benchmarks import report
from benchmarks.report import Run
from benchmarks.target import Target
from benchmarks.usage import Usage

RUNS = [
    Run("a", 1, Usage(100.0, 60.0, 800.0), 0.93),
    Run("c", 1, Usage(150.0, 70.0, 1_100.0), 0.94),
    Run("a", 2, Usage(110.0, 90.0, 801.0), 0.95),
    Run("c", 2, Usage(120.1234, 70.0, 1_100.0), 0.92),
    Run("a", 3, Usage(90.0, 61.0, 802.0), 0.91),
    Run("c", 3, Usage(120.0, 70.0, 1_100.0), 0.93),
]
TARGETS = [Target("tax", 1.2, 1.25), Target("accuracy", 0.91, 0.92, at_least=True)]


def _text(table: Table) -> str:
    file = io.StringIO()
    Console(file=file, width=120).print(table)
    return file.getvalue()


def test_medians_are_taken_by_contender_and_figure():
    medians = report.medians(RUNS)
    assert list(medians) == ["a", "c"]
    assert medians["a"] == Usage(100.0, 61.0, 801.0)
    assert report.accuracies(RUNS) == {"a": 0.93, "c": 0.93}


def test_the_table_shows_medians_ranges_and_what_each_costs_beside_the_script():
    text = _text(report.usage_table(RUNS, {"a": "(a) plain script", "c": "(c) this pipeline"}))
    [script] = [line for line in text.splitlines() if "(a) plain script" in line]
    [pipeline] = [line for line in text.splitlines() if "(c) this pipeline" in line]
    assert script.replace("│", "").split()[3:] == (
        ["100.0", "90.0–110.0", "1.00", "61.0", "801", "0.9300"]
    )
    assert "120.0–150.0" in pipeline
    assert "1.20" in pipeline


def test_the_table_does_without_the_script():
    text = _text(report.usage_table(RUNS[1:2], {"c": "(c) this pipeline"}))
    assert "150.0" in text


def test_verdicts_name_the_direction_of_the_limit():
    tax, accuracy = [
        line
        for line in _text(report.target_table(TARGETS)).splitlines()
        if "≤" in line or "≥" in line
    ]
    assert "≤ 1.25" in tax
    assert "met" in tax
    assert "≥ 0.92" in accuracy
    assert "missed" in accuracy


def test_the_document_holds_every_run_and_survives_json():
    document = json.loads(json.dumps(report.document(RUNS, TARGETS)))
    assert len(document["runs"]) == len(RUNS)
    assert document["runs"][3] == {
        "contender": "c",
        "round": 2,
        "cpu_seconds": 120.123,
        "wall_seconds": 70.0,
        "peak_megabytes": 1100.0,
        "accuracy": 0.92,
        "serving_check_cpu_seconds": 0.0,
    }
    assert document["medians"]["a"]["cpu_seconds"] == 100.0
    assert [target["met"] for target in document["targets"]] == [True, False]
