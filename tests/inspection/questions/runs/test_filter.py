"""Which runs are wanted: by any setting or metric."""

from __future__ import annotations

import re

import pytest

import inspection
from inspection.questions.runs.filter import Condition, FilterError, RunFilter
from tests.inspection.recorded_runs import RECORDED


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
        (["Transform.code~b0e69"], [36]),
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


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            {"order": "nothing"},
            "--order nothing: no run has a setting or metric of that name; there",
        ),
        ({"order": "-SparseCategoricalAcuracy"}, "did you mean SparseCategoricalAccuracy?"),
        ({"where": ["training.sed=1"]}, "--where training.sed: no run has a setting or metric of"),
        ({"where": ["training.sed=1"]}, "did you mean training.seed?"),
        ({"where": ["seed=7", "trainig.seed=1"]}, "--where trainig.seed: no run has a setting or"),
        ({"where": ["test_accuracy on overall=1"]}, "did you mean test_accuracy?"),
        ({"where": ["nothing.has.this=1"]}, "`python -m inspection show RUN` tells what one has."),
    ],
)
def test_a_name_that_nothing_has_is_refused_with_the_closest(store, asked, said):
    with pytest.raises(FilterError, match=re.escape(said)):
        store.runs(**asked)


def test_a_pipeline_that_is_not_there_is_told_with_those_that_are(store):
    assert store.runs(pipeline="fshion").headline == (
        "None of 6 runs is of that pipeline; the store has fashion-mnist."
    )


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
