from __future__ import annotations

import copy

import pytest

from components.serving_check.checks.compatibility import Offered, breaks, judge, offers
from components.serving_check.options import Options
from documents.features import Label


def tensor(dtype="DT_FLOAT", *sizes):
    return {"dtype": dtype, "tensor_shape": {"dim": [{"size": str(size)} for size in sizes]}}


LIVE = {
    "serving_default": {
        "inputs": {"x": tensor("DT_FLOAT", -1, 4)},
        "outputs": {"y": tensor("DT_FLOAT", -1, 2)},
    },
    "two": {
        "inputs": {"x": tensor("DT_FLOAT", -1, -1)},
        "outputs": {"a": tensor("DT_FLOAT", -1), "b": tensor("DT_STRING", -1)},
    },
}


ANY = {"dtype": "DT_FLOAT", "tensor_shape": {"unknown_rank": True}}


def changed(signature, kind, name, value):
    candidate = copy.deepcopy(LIVE)
    if value is None:
        del candidate[signature][kind][name]
    else:
        candidate[signature][kind][name] = value
    return candidate


def test_the_same_or_more_is_fine():
    more = {**LIVE, "new": LIVE["two"]}
    more = {**more, "two": changed("two", "outputs", "c", tensor())["two"]}
    opened = changed("serving_default", "inputs", "x", tensor("DT_FLOAT", -1, -1))
    for candidate in (LIVE, more, opened, changed("serving_default", "inputs", "x", ANY)):
        assert list(breaks(LIVE, candidate)) == []
        [check] = judge(Offered(LIVE, candidate), Options())
        assert check.ok
        assert check.expected.startswith("the signatures of the live version, none removed")
        assert check.found == "all of them"


def test_without_a_live_version_there_is_nothing_to_break():
    assert judge(None, Options()) == []


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        ({"two": LIVE["two"]}, "signature serving_default is gone"),
        (changed("two", "outputs", "a", None), "two lost output a"),
        (changed("two", "inputs", "z", tensor()), "two got input z"),
        (changed("serving_default", "outputs", "z", tensor()), "serving_default got output z"),
        (
            changed("two", "outputs", "b", tensor("DT_FLOAT", -1)),
            "two output b was DT_STRING and is DT_FLOAT",
        ),
        (
            changed("two", "inputs", "x", tensor("DT_FLOAT", -1, 3)),
            "two input x had shape [-1, -1] and has [-1, 3]",
        ),
        (
            changed("serving_default", "inputs", "x", tensor("DT_FLOAT", -1, 5)),
            "serving_default input x had shape [-1, 4] and has [-1, 5]",
        ),
        (
            changed("serving_default", "inputs", "x", tensor("DT_FLOAT", -1, 4, 1)),
            "serving_default input x had shape [-1, 4] and has [-1, 4, 1]",
        ),
        (
            changed("serving_default", "inputs", "x", tensor("DT_FLOAT")),
            "serving_default input x had shape [-1, 4] and has []",
        ),
    ],
)
def test_what_breaks_clients_is_named(candidate, said):
    (check,) = judge(Offered(LIVE, candidate), Options())
    assert not check.ok
    assert check.found == said


def test_labels_that_changed_places_break_clients_that_count_them():
    before, now = (
        Label(name="x", kind="classes", values=each) for each in (("a", "b"), ("b", "a"))
    )
    [found] = judge(Offered(LIVE, LIVE, now.moved(before)), Options())
    assert not found.ok
    assert "label 0 is 'b' and was 'a' in the live version" in found.found


@pytest.mark.parametrize("values", [("a", "b"), ("A", "b"), ("a", "b", "c"), None])
def test_labels_that_are_called_otherwise_or_more_do_not(values):
    before = Label(name="x", kind="classes", values=("a", "b"))
    assert Label(name="x", kind="classes", values=values).moved(before) is None


def test_what_took_any_shape_has_to_go_on_doing_so():
    live = changed("serving_default", "inputs", "x", ANY)
    assert list(breaks(live, live)) == []
    assert list(breaks(live, LIVE)) == [
        "serving_default input x had shape any shape and has [-1, 4]"
    ]


def test_all_that_breaks_clients_is_named_in_one_row():
    without = {"two": changed("two", "outputs", "a", None)["two"]}
    [check] = judge(Offered(LIVE, without, "label 0 is 'b' and was 'a'"), Options())
    assert check.found == (
        "signature serving_default is gone; two lost output a; label 0 is 'b' and was 'a' in the"
        " live version, which clients may tell by its place"
    )


def test_an_input_that_was_filled_in_has_to_go_on_being_so():
    live = {"s": {**LIVE["serving_default"], "defaults": {"x": 1.0}}}
    more = {"s": {**LIVE["serving_default"], "defaults": {"x": 2.0, "y": 1.0}}}
    assert list(breaks(live, more)) == []
    assert list(breaks(live, {"s": LIVE["serving_default"]})) == [
        "s no longer fills in x where a request leaves it out"
    ]


@pytest.mark.parametrize(
    ("live", "candidate", "output", "both"),
    [
        (LIVE["two"], LIVE["two"], "a", True),
        (LIVE["two"], changed("two", "inputs", "x", tensor("DT_FLOAT", -1))["two"], "a", True),
        (LIVE["two"], LIVE["two"], "c", False),
        (LIVE["two"], changed("two", "outputs", "a", None)["two"], "a", False),
        (changed("two", "outputs", "a", None)["two"], LIVE["two"], "a", False),
        (LIVE["two"], changed("two", "inputs", "x", tensor("DT_STRING", -1))["two"], "a", False),
        (LIVE["two"], changed("two", "inputs", "z", tensor())["two"], "a", False),
        ({}, {}, "a", False),
        ({"outputs": {"a": ANY}}, {"outputs": {"a": ANY}}, "a", False),
    ],
)
def test_both_can_be_asked_what_both_take_and_answer(live, candidate, output, both):
    assert offers(live, candidate, output) is both


def test_an_input_more_breaks_clients_of_several_inputs_too():
    several = {"s": {"inputs": LIVE["two"]["outputs"], "outputs": LIVE["two"]["outputs"]}}
    more = copy.deepcopy(several)
    more["s"]["inputs"]["c"] = more["s"]["outputs"]["c"] = tensor("DT_FLOAT", -1)
    assert list(breaks(several, more)) == ["s got input c"]
