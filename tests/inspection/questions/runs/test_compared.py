"""Several runs in one table: only what differs, and which is best."""

from __future__ import annotations

from typing import Any

import pytest

import inspection
from inspection.drawing.parallel import HEIGHT, parallel
from tests.inspection.recorded_runs import RECORDED
from tests.inspection.store_writer import Out, StoreWriter, stock_run
from tests.there import there


@pytest.fixture(scope="module")
def answer():
    return inspection.open_store(RECORDED).compare_runs("r2", "latest~3", "latest", "r2")


def test_only_what_differs_is_told(answer):
    assert [run.id for run in answer.runs] == [2, 24, 36]
    parts = {line.part: line.values for line in answer.parts}
    assert parts["Trainer: setting custom_config.training.seed"] == ("0", "1", None)
    assert all(len(set(values)) > 1 for values in parts.values())
    first = answer.metrics[0]
    assert (first.metric, first.slice) == ("SparseCategoricalAccuracy", "overall")
    assert first.values[2] is None
    assert first.values[first.best] == max(first.values[:2])
    assert [row["fate"] for row in answer.rows()] == ["live", "refused", "failed"]


def test_the_best_one_that_was_refused_is_told_so(answer):
    assert "is that of r24, which was refused: " in answer.headline


def test_refused_ones_are_left_out_by_choice():
    store = inspection.open_store(RECORDED)
    answer = store.compare_runs("r2", "r24", "r34", with_refused=False)
    assert [run.id for run in answer.runs] == [2, 34]
    assert "(r24 left out: refused)" in answer.headline


def test_lower_is_better_where_it_is(answer):
    [latency] = [m for m in answer.metrics if m.metric == "latency_p50_ms"]
    known = [value for value in latency.values if value is not None]
    assert latency.values[latency.best] == min(known)


def test_a_line_for_each_run_with_gaps(answer):
    drawn = there(parallel(answer))
    assert [line.run.id for line in drawn.lines] == [2, 24, 36]
    assert len(drawn.lines[0].dots) == len(drawn.axes)
    assert len(drawn.lines[2].dots) < len(drawn.axes)
    assert all(0 < y < HEIGHT for line in drawn.lines for _, y in line.dots)


def test_runs_that_are_alike(memory_path):
    store = StoreWriter(memory_path / "root")
    for name in ("1", "2"):
        stock_run(store, "p", name, base=None)
    answer = inspection.open_store(store.root).compare_runs("latest", "latest~1")
    assert answer.headline == "Nothing that was recorded differs between 2 runs."
    assert parallel(answer) is None


@pytest.mark.parametrize("state", ["failed", "running", "canceled", "cached"])
def test_what_a_run_did_not_come_to_record_is_no_change(memory_path, state):
    store = StoreWriter(memory_path / "root")
    told: dict[str, Any] = {"seed": 1, "epochs": 3}
    run = store.run("taxi", "1")
    run.node("Trainer", {}, {"model": Out("Model", {"fingerprint": "x"})}, **told)
    # Epochs are told as it ends; what it was told before is another matter.
    store.run("taxi", "2").node("Trainer", {}, {}, state=state, seed=2)
    opened = inspection.open_store(store.root)
    [part] = opened.compare_runs("1", "2").parts
    assert part.part == "Trainer: setting seed"
    [cause] = opened.diff("1", "2").causes
    assert (cause.part, cause.before, cause.now) == ("Trainer: setting seed", "1", "2")
    [cause] = opened.diff("2", "1").causes
    assert (cause.before, cause.now) == ("2", "1")


def test_what_a_complete_step_was_not_told_is_a_change(memory_path):
    store = StoreWriter(memory_path / "root")
    store.run("taxi", "1").node("Trainer", {}, {}, seed=1, epochs=3)
    store.run("taxi", "2").node("Trainer", {}, {}, seed=1)
    opened = inspection.open_store(store.root)
    assert [part.part for part in opened.compare_runs("1", "2").parts] == [
        "Trainer: setting epochs"
    ]
    assert [cause.now for cause in opened.diff("1", "2").causes] == [None]
