"""What a person sees, line by line."""

import io
import logging
import re
from collections.abc import Iterator

import pytest

from pipeline.local.display.summary import SliceAtRisk, Summary
from pipeline.local.display.terminal import Terminal
from pipeline.local.nodes.result import NodeResult


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def terminal(output: io.StringIO) -> Iterator[Terminal]:
    terminal = Terminal(output)
    logger = logging.getLogger("progress")
    logger.addHandler(terminal)
    logger.setLevel(logging.INFO)
    yield terminal
    logger.removeHandler(terminal)


def _text(output: io.StringIO) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", output.getvalue())


def test_without_a_terminal_every_node_is_two_lines(terminal: Terminal, output: io.StringIO):
    terminal.run_started(["ExampleGen", "Trainer"])
    terminal.node_started("ExampleGen")
    terminal.node_finished(NodeResult("ExampleGen", "done", 1.25))
    terminal.node_finished(NodeResult("Trainer", "cached", 0.04))
    assert _text(output).splitlines() == [
        "ExampleGen …",
        "ExampleGen done 1.2 s",
        "Trainer cached 0.0 s",
    ]


def test_what_has_ended_is_told_in_the_order_of_the_pipeline(terminal: Terminal):
    terminal.run_started(["ExampleGen", "StatisticsGen", "Transform", "Trainer"])
    done = NodeResult("ExampleGen", "done", 1.0)
    side_by_side = NodeResult("StatisticsGen", "done", 3.0), NodeResult("Transform", "failed", 2.0)
    terminal.node_finished(done)
    for result in reversed(side_by_side):
        terminal.node_finished(result)
    assert terminal.results == [done, *side_by_side]


def test_warnings_are_shown_at_once_and_steps_now_and_then(terminal: Terminal, output: io.StringIO):
    progress = logging.getLogger("progress")
    terminal.run_started(["Trainer"])
    terminal.node_started("Trainer")
    for step in range(100):
        progress.info("step %d", step, extra={"step": step, "total": 100, "eta": 75.0})
    progress.warning("anomaly in split train")
    lines = _text(output).splitlines()
    assert lines == ["Trainer …", "  anomaly in split train"]


def test_on_a_terminal_the_table_shows_steps_and_time_left():
    output = io.StringIO()
    terminal = Terminal(output)
    terminal.console._force_terminal = True
    logger = logging.getLogger("progress")
    logger.addHandler(terminal)
    logger.setLevel(logging.INFO)
    try:
        terminal.run_started(["ExampleGen", "Trainer"])
        terminal.node_started("ExampleGen")
        terminal.node_finished(NodeResult("ExampleGen", "cached", 0.1))
        terminal.node_started("Trainer")
        logger.info("epoch 1/5", extra={"step": 5, "total": 10, "eta": 75.0})
    finally:
        terminal.stop()
        logger.removeHandler(terminal)
    last = _text(output)
    assert "● ExampleGen" in last
    assert "▸ Trainer" in last
    assert "epoch 1/5, 1 min 15 s left" in last


def test_of_two_that_run_each_line_names_its_node(terminal: Terminal, output: io.StringIO):
    progress = logging.getLogger("progress")
    terminal.run_started(["StatisticsGen", "Transform", "Trainer"])
    for node in ("StatisticsGen", "Transform"):
        terminal.node_started(node)
    progress.warning("slow disk", extra={"node": "Transform"})
    progress.warning("of nobody")
    progress.info("not due", extra={"node": "StatisticsGen"})
    terminal.node_finished(NodeResult("Transform", "done", 1.0))
    progress.warning("anomaly", extra={"node": "StatisticsGen"})
    assert _text(output).splitlines() == [
        "StatisticsGen …",
        "Transform …",
        "  Transform: slow disk",
        "  of nobody",
        "Transform done 1.0 s",
        "  anomaly",
    ]


def test_on_a_terminal_the_table_shows_each_that_runs():
    output = io.StringIO()
    terminal = Terminal(output)
    terminal.console._force_terminal = True
    logger = logging.getLogger("progress")
    logger.addHandler(terminal)
    logger.setLevel(logging.INFO)
    try:
        terminal.run_started(["StatisticsGen", "Transform"])
        for node in ("StatisticsGen", "Transform"):
            terminal.node_started(node)
            logger.info("half of %s", node, extra={"node": node, "step": 1, "total": 2})
    finally:
        terminal.stop()
        logger.removeHandler(terminal)
    last = _text(output)
    assert re.search(r"▸ StatisticsGen .* half of StatisticsGen", last)
    assert re.search(r"▸ Transform .* half of Transform", last)


def test_markup_in_a_message_is_shown_as_it_is(terminal: Terminal, output: io.StringIO):
    terminal.failure("Trainer", "ValueError: bad [red]shape[/]", ["log     /x.log"])
    assert "✘ Trainer failed: ValueError: bad [red]shape[/]" in _text(output)


def test_a_withdrawn_push_ends_with_its_reason(terminal: Terminal, output: io.StringIO):
    reason = "Version 7 was withdrawn: nothing answers at http://127.0.0.1:8501 after 60 s."
    terminal.summary(Summary(run_id="r", outcome="withdrawn", reason=reason, log="/r.log"), [])
    assert output.getvalue().splitlines()[-1] == f"✘ WITHDRAWN {reason}"


def test_a_confirmed_push_names_the_server(terminal: Terminal, output: io.StringIO):
    summary = Summary(
        run_id="r",
        outcome="pushed",
        version=7,
        confirmed_at="2026-01-01T00:00:00+00:00",
        confirm_url="http://a:8501",
    )
    terminal.summary(summary, [])
    assert "by http://a:8501 at 2026-01-01T00:00:00+00:00" in output.getvalue()


def test_each_variant_has_a_line(terminal: Terminal, output: io.StringIO):
    made = {"metric": "AUC", "slice": "label=6", "drop": 0.0021}
    variants = {
        "path": "/exports/own/7",
        "variants": [
            {
                "name": "int8",
                "blessed": True,
                "measured": {"bytes": 166_168, "p50_ms": 0.0533},
                "metrics": [made],
            },
            {"name": "float16", "blessed": False, "reason": "no operation for it"},
            {
                "name": "pruned_int8",
                "blessed": True,
                "measured": {"bytes": 166_168, "gzip_bytes": 44_321, "p50_ms": 0.0533},
                "metrics": [made],
            },
        ],
    }
    terminal.summary(Summary(run_id="r", outcome="pushed", version=7, variants=variants), [])
    assert [line.strip() for line in _text(output).splitlines()[1:5]] == [
        "variants       int8 blessed, 166 kB, p50 0.05 ms, at the worst -0.0021 (AUC on label=6)",
        "float16 NOT made: no operation for it",
        "pruned_int8 blessed, 166 kB (44 zipped), p50 0.05 ms, at the worst -0.0021 (AUC on"
        " label=6)",
        "published in /exports/own/7",
    ]


def test_a_refusal_ends_with_its_reason(terminal: Terminal, output: io.StringIO):
    terminal.summary(
        Summary(
            run_id="r",
            outcome="refused",
            reason="Evaluator: accuracy on slice overall is 0.5, below the lower bound 0.9.",
            test_accuracy=0.5,
            test_examples=10_000,
            evaluation={"blessed": False, "baseline": {"version": 7}},
            slices_at_risk=[SliceAtRisk("Accuracy", "overall", 0.5, -0.4)],
            data={"source": "sample", "examples": {"train": 1_200, "eval": 400}},
            log="/r.log",
        ),
        [],
    )
    lines = _text(output).strip().splitlines()
    assert lines[-1].endswith("0.5, below the lower bound 0.9.")
    assert "NOT PUSHED" in lines[-1]
    text = "\n".join(lines)
    assert "BUNDLED SAMPLE" in text
    assert "0.5000 on 10,000 test examples" in text
    assert "NOT blessed, against version 7" in text
    assert "-0.4000 to its limit" in text


def test_how_good_a_model_of_numbers_is(terminal: Terminal, output: io.StringIO):
    terminal.summary(Summary(run_id="r", outcome="pushed", test_r2=0.98, test_examples=116), [])
    said = "test R²        0.9800 on 116 test examples, through the served model"
    assert said in _text(output)


def test_a_push_ends_with_commands_to_copy(terminal: Terminal, output: io.StringIO):
    terminal.summary(
        Summary(run_id="r", outcome="pushed", model="m", version=3, path="/b/3", log="/r.log"),
        ["serve it", "curl it"],
    )
    assert _text(output).strip().splitlines()[-2:] == ["  serve it", "  curl it"]
    assert "Pushed m version 3 → /b/3" in _text(output)
