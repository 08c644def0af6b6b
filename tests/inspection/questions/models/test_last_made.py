"""The newest of a type."""

from __future__ import annotations

from inspection.history.ids import resolve_run
from inspection.questions.models.last_made import last_made
from inspection.store import open_history
from tests.inspection.store_writer import Out


def test_it_is_that_of_a_run_or_of_all(store):
    made = store.run("p", "1").node("Trainer", {}, {"model": Out("Model")})
    store.run("p", "2").node("Trainer", {}, {"model": Out("Model")})
    store.run("p", "3").node("Trainer", {}, made, state="cached")
    history = open_history(store.root)
    newest = last_made(history, "Model", None)
    assert newest
    assert newest.id == 2
    ids = [last_made(history, "Model", resolve_run(history, name)) for name in "123"]
    assert [each.id for each in ids if each] == [1, 2, 1]
    assert last_made(history, "ModelVariants", None) is None
    assert last_made(history, "ModelVariants", resolve_run(history, "1")) is None
