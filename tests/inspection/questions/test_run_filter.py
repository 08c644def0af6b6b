"""Which runs are wanted: by any setting or metric."""

from __future__ import annotations

import re

import pytest

import inspection
from inspection.questions.run_filter import Condition, FilterError, RunFilter
from tests.inspection.test_commands import RECORDED


@pytest.fixture(scope="module")
def store():
    return inspection.open_store(RECORDED)


def ids(answer):
    return [line.id for line in answer.lines]


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        (["training.seed=1"], [34, 30, 24]),
        (["Trainer.custom_config.training.seed=0"], [23, 2]),
        (["seed!=1"], [23, 2]),
        (["SparseCategoricalAccuracy>0.83"], [34, 30, 24]),
        (["SparseCategoricalAccuracy>0.83", "p50_ms<1"], [30]),
        (["test_accuracy on overall=1"], []),
        (["Transform.code~b0e69"], [36]),
        (["nothing.has.this=1"], []),
    ],
)
def test_conditions(store, where, wanted):
    assert ids(store.runs(where=where)) == wanted


def test_orders_and_states(store):
    assert ids(store.runs(order="SparseCategoricalAccuracy"))[-2:] == [23, 2]
    assert ids(store.runs(order="-SparseCategoricalAccuracy"))[-1] in (24, 30, 34)
    assert ids(store.runs(state="failed")) == [36]
    assert ids(store.runs(last=2, skip=2)) == [30, 24]


@pytest.mark.parametrize("text", ["seed", "=1", "", "seed>high", ">"])
def test_what_is_no_condition_is_told(text):
    with pytest.raises(FilterError, match=r"is no condition|is no number"):
        Condition.parse(text)


def test_an_order_that_nothing_has(store):
    with pytest.raises(FilterError, match="no run has a setting or metric of that name"):
        store.runs(order="nothing")


def test_what_changed_is_told(store):
    [line] = [line for line in store.runs().lines if line.id == 24]
    assert line.changed[0].part == "Trainer: setting custom_config.training.seed"
    assert (line.changed[0].before, line.changed[0].now) == ("0", "1")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (
            RunFilter(state="complet"),
            "--state 'complet' is no state of a run; did you mean complete?",
        ),
        (RunFilter(state="sideways"), "there are complete, failed, killed, running"),
        (RunFilter(fate="refusd"), "--fate 'refusd' is no fate of a run; did you mean refused?"),
    ],
)
def test_a_state_or_fate_that_there_is_not_is_refused(wanted, said):
    with pytest.raises(FilterError, match=re.escape(said)):
        wanted.of([])


def test_states_and_fates_are_taken_in_any_case():
    assert RunFilter(state="Complete").of([]) == []
    assert RunFilter(fate="Rolled back").wants("pushed", "rolled_back")
