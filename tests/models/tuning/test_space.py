"""What may be searched, and the values of a dimension."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.tuning import Dimension
from models.declaration import Declaration
from models.training.options import TrainingOptions
from models.tuning.default_space import default_space
from models.tuning.space import Space, SpaceError, changed, current, unit_of, value_at

LOG = Dimension(key="training.learning_rate", kind="number", low=1e-4, high=1.0, log=True)
WHOLE = Dimension(key="training.epochs", kind="whole", low=2, high=9)
CHOICE = Dimension(key="training.widths", kind="choice", values=([64], [128, 128], [1]))


@given(st.floats(0, 1), st.sampled_from([LOG, WHOLE, CHOICE]))
def test_a_value_lies_in_its_dimension_and_leads_back_near_to_where_it_came_from(unit, dimension):
    value = value_at(dimension, unit)

    if dimension.values is not None:
        assert value in dimension.values
    else:
        assert dimension.low <= value <= dimension.high
    assert abs(unit_of(dimension, value) - unit) <= (0.34 if dimension.values else 0.13)
    assert json.loads(json.dumps(value)) == value


def test_numbers_by_ratio_are_spread_by_ratio():
    assert value_at(LOG, 0.5) == pytest.approx(0.01)
    assert [value_at(WHOLE, unit) for unit in (0, 0.5, 1)] == [2, 6, 9]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda s: s.number("training.learning_rate", 1, 0.1), "the first must be less"),
        (lambda s: s.number("training.learning_rate", 0, 1, log=True), "begin with more than 0"),
        (lambda s: s.number("training.dropout", 0, 1.5), "`training.dropout` = 1.5"),
        (lambda s: s.number("training.dropout", 0, math.nan), "the first must be less"),
        (lambda s: s.whole("training.epochs", 1, 2.5), "no whole numbers"),
        (lambda s: s.choice("training.widths", [[64]]), "at least two values"),
        (lambda s: s.choice("training.widths", [[64], ["wide"]]), "training.widths"),
        (lambda s: s.choice("training.options.unit", [object(), 1]), "that YAML can write"),
        (lambda s: s.choice("training.seed", [1, 2]), "choose among training.epochs"),
        (lambda s: s.number("learning_rate", 0.1, 1), "choose among training.epochs"),
        (lambda s: s.number("evaluation.metrics", 0.1, 1), "choose among training.epochs"),
        (lambda s: s.number(7, 0.1, 1), "cannot search 7"),
    ],
)
def test_what_cannot_be_searched_is_refused_with_a_sentence(call, said):
    with pytest.raises(SpaceError, match="search") as refused:
        call(Space())

    assert said in str(refused.value)


def test_a_users_search_adds_replaces_and_removes():
    space = default_space(_declared({"a": {"kind": "number"}}), TrainingOptions())
    space.remove("training.weight_decay")
    space.whole("training.epochs", 2, 4)
    space.choice("training.options.units", [16, 32])

    assert "training.weight_decay" not in space.keys
    assert {"training.epochs", "training.options.units"} < {*space.keys}
    space.clear()
    assert space.keys == ()


def test_changes_go_to_the_options_and_to_the_users_own():
    training = TrainingOptions(epochs=2, options={"units": 8, "kind": "a"})
    values = {"training.learning_rate": 0.5, "training.options.units": 16}

    found = changed(training, values)

    assert (found.epochs, found.learning_rate) == (2, 0.5)
    assert found.options == {"units": 16, "kind": "a"}
    dimensions = [Dimension(key=key, kind="choice", values=(1, 2)) for key in values]
    assert list(current(training, dimensions).values()) == [0.01, 8]


@pytest.mark.parametrize(
    ("features", "functions", "there", "not_there"),
    [
        ({"a": {"kind": "number"}}, (), {"widths", "dropout"}, {"augment", "dimensions"}),
        ({"a": {"kind": "category"}}, (), {"widths", "dimensions"}, {"augment"}),
        ({"a": {"kind": "image", "size": [8, 8]}}, (), {"augment", "dropout"}, {"widths"}),
        ({"a": {"kind": "category"}}, ("network",), {"learning_rate"}, {"widths", "dropout"}),
        ({"a": {"kind": "text", "module": "./here"}}, (), {"widths"}, {"dimensions"}),
    ],
)
def test_the_default_space_has_what_the_kinds_have(features, functions, there, not_there):
    keys = default_space(_declared(features), TrainingOptions(), functions).keys

    found = {key.removeprefix("training.") for key in keys}
    assert there <= found
    assert not found & not_there


def test_a_number_has_no_smoothing_and_the_settings_values_are_in_the_space():
    training = TrainingOptions(widths=[7], dimensions=5, label_smoothing=0.03, weight_decay=0.0)
    classes = default_space(_declared({"a": {"kind": "category"}}), training)
    number = default_space(
        _declared({"a": {"kind": "number"}}, {"name": "y", "kind": "number"}), training
    )

    assert "training.label_smoothing" not in number.keys
    by_key = {each.key: each for each in classes.dimensions}
    for key, value in current(training, classes.dimensions).items():
        values = by_key[key].values
        assert values is None or value in values


def _declared(features, label=None) -> Declaration:
    label = label or {"name": "y", "kind": "classes", "values": ["no", "yes"]}
    return Declaration.model_validate({"features": features, "label": label})
