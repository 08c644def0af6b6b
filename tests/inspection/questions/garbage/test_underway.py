"""What is at work, or may be, keeps what it reads: in a run, outside any, and between two nodes."""

from __future__ import annotations

import sqlite3

import pytest

from tests.inspection.collected import collected, offered
from tests.inspection.store_writer import Out, StoreWriter, stock_run

LACKING = "what may be going on: of no known state, or a run of the last day that lacks nodes"


@pytest.fixture
def runs(store: StoreWriter) -> list[dict[str, int]]:
    """The artifacts of four runs; of the second and the third nobody needs anything."""
    return [taxi(store, number, blessed=number == 1) for number in (1, 2, 3, 4)]


def taxi(store: StoreWriter, number: int, *, blessed: bool = False) -> dict[str, int]:
    base = store.root / "serving" / "taxi"
    return stock_run(store, "taxi", f"t{number}", base=base, version=str(number), blessed=blessed)


@pytest.mark.medium
@pytest.mark.parametrize("context", [None, "my_experiment"])
def test_an_execution_outside_any_run_keeps_what_it_reads_until_it_ends(store, runs, context):
    where = [store.context(context, "x")] if context else []
    read = runs[1]["model"]
    assert read in offered(store.root)
    id, _ = store.execution("notebook.Analysis", where, state="running", inputs={"model": read})
    assert offered(store.root) == {*runs[1].values(), *runs[2].values()} - {read}
    [execution] = store.client.get_executions_by_id([id])
    execution.last_known_state = execution.COMPLETE
    store.client.put_executions([execution])
    assert read in offered(store.root)


def test_executions_without_a_state_may_be_going_on(store, runs):
    with sqlite3.connect(store.root / "metadata.db") as file:
        file.execute("UPDATE Execution SET last_known_state = NULL")
    file.close()
    told = collected(store.root)
    assert told["deletable"] == []
    assert told["answer"].startswith("Nothing can be deleted: all 32 artifacts")


def test_a_run_that_another_one_overtook_between_two_of_its_nodes(store, runs):
    slow = store.run("taxi", "slow")
    made = slow.node("CsvExampleGen", {}, {"examples": Out("Examples")})
    made |= slow.node("Trainer", made, {"model": Out("Model")})
    taxi(store, 5), taxi(store, 6)
    told = collected(store.root)
    assert not set(made.values()) & {each["artifact"] for each in told["deletable"]}
    assert told["needed"][LACKING] == 2
    # A day later it was stopped, whatever stopped it.
    with sqlite3.connect(store.root / "metadata.db") as file:
        for column in ("create_time_since_epoch", "last_update_time_since_epoch"):
            file.execute(f"UPDATE Execution SET {column} = {column} - 25 * 3600 * 1000")
    file.close()
    assert set(made.values()) < offered(store.root)


def test_a_run_whose_record_says_how_it_ended_has_ended(store, runs):
    store.context("pipeline_run", "stopped", outcome="unfinished")
    run = store.run("taxi", "stopped")
    made = run.node("CsvExampleGen", {}, {"examples": Out("Examples")})
    taxi(store, 5), taxi(store, 6)
    assert made["examples"] in offered(store.root)


def test_a_run_of_a_part_of_the_pipeline_leaves_the_cache_of_the_rest(store, runs):
    run = store.run("taxi", "only the data")
    made = run.node("CsvExampleGen", {}, {"examples": Out("Examples")})
    last = {key: id for key, id in runs[3].items() if key not in ("examples",)}
    assert not {*last.values(), *made.values()} & offered(store.root)
